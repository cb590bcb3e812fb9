export default async function globalTeardown() {
  await Promise.all([globalThis.stopTestKafka?.(), globalThis.stopTestPostgres?.()]);
}
