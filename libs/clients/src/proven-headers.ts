import type { Client } from './client.js';

/** What one process keeps at most; a header that proves a client by another spelling of the same secret takes a place of its own. */
const MAX_ENTRIES = 1_000;
const MAX_HEADER = 1_024;

/**
 * Authorization headers that were found to prove a client, and the record they were compared with. It says nothing about whether the client may
 * go on: a header counts only while the directory still gives that very record, so a changed secret, a disabled client or a record that was read
 * again is compared anew (docs/decisions/0029). Wrong headers are not kept: guessing costs the same each time and evicts nothing.
 */
export class ProvenHeaders {
  private readonly records = new Map<string, Client>();

  /** The record that `authorization` was compared with, or undefined. */
  get(authorization: string): Client | undefined {
    return this.records.get(authorization);
  }

  remember(authorization: string, client: Client): void {
    // A weak secret is compared each time, behind the counter of failures (docs/decisions/0007).
    if (authorization.length > MAX_HEADER || client.secrets.some((secret) => secret.weak)) return;
    if (this.records.size >= MAX_ENTRIES) this.records.clear();
    this.records.set(authorization, client);
  }

  forget(authorization: string): void {
    this.records.delete(authorization);
  }
}
