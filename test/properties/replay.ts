import { randomInt } from 'node:crypto';

/** `LANYARD_PROPERTY_SEED` and `LANYARD_PROPERTY_PATH`, as a failure prints them, run that one case again. */
export function replay<T extends { numRuns: number }>(parameters: T): T & { seed?: number; path?: string } {
  const { LANYARD_PROPERTY_SEED: seed, LANYARD_PROPERTY_PATH: path } = process.env;
  return { ...parameters, ...(seed ? { seed: Number(seed) } : {}), ...(path ? { path } : {}) };
}

/** For the long versions: another seed every time, which is printed; `LANYARD_PROPERTY_RUNS` says how many. */
export function atRandom(numRuns: number): { numRuns: number; seed: number; path?: string } {
  const { LANYARD_PROPERTY_RUNS: runs } = process.env;
  const parameters = replay({ numRuns: Number(runs ?? numRuns), seed: randomInt(2 ** 31) });
  process.stderr.write(`seed ${parameters.seed}, ${parameters.numRuns} runs\n`);
  return parameters;
}
