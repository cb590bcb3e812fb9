import type { Ephemeral } from '../ephemeral.js';

/** What a driver's spec brings: a store that may hold other cases' keys, and its clock. */
export interface EphemeralHarness {
  readonly ephemeral: Ephemeral;
  /** Moves the store's clock ahead. */
  advance(ms: number): Promise<void>;
  /** A crash that empties the store, as the server behind it would. */
  lose(): Promise<void>;
  /** The server removes by itself, so a sweep may find nothing left to do. */
  readonly sweepsItself?: boolean;
}

/** A case throws when the driver breaks the contract. It brings its own keys, so that cases may share one store. */
export interface EphemeralCase {
  readonly name: string;
  run(harness: EphemeralHarness): Promise<void>;
}

let drawn = 0;
export const freshKey = (): string => `key-${process.pid}-${++drawn}`;
export const times = <T>(n: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)));
