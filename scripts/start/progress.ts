const live = process.stdout.isTTY;

/** One line per step: what is going on, then how long it took. */
export async function progress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  process.stdout.write(live ? `  … ${what}` : `  … ${what}\n`);
  try {
    const result = await work();
    process.stdout.write(`${live ? '\r' : ''}  ✓ ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
    return result;
  } catch (error) {
    process.stdout.write(`${live ? '\r' : ''}  ✗ ${what}\n`);
    throw error;
  }
}
