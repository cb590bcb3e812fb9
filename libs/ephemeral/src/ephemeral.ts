import type { Counter } from './counter.js';
import type { ExpiringObjects } from './expiring-objects.js';
import type { Once } from './once.js';

/**
 * A driver; a class, so that it can be asked for by name. Every object belongs to a namespace (`login.account`, `interaction`), part of its identity: one key space for all
 * single-use objects is how forged codes became possible elsewhere (CVE-2026-4282).
 */
export abstract class Ephemeral {
  abstract counter(namespace: string): Counter;
  abstract once(namespace: string): Once;
  abstract objects(namespace: string): ExpiringObjects;
  /** Removes what has expired; returns how many. Never needed for correctness. */
  abstract sweep(): Promise<number>;
}
