/** `LANYARD_PROPERTY_SEED` and `LANYARD_PROPERTY_PATH`, as a failure prints them, run that one case again. */
export function replay<T extends { numRuns: number }>(parameters: T): T & { seed?: number; path?: string } {
  const { LANYARD_PROPERTY_SEED: seed, LANYARD_PROPERTY_PATH: path } = process.env;
  return { ...parameters, ...(seed ? { seed: Number(seed) } : {}), ...(path ? { path } : {}) };
}
