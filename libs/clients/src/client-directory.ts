import type { ClientRecord } from '#libs/contracts';
import { OAuthError, type ProviderSettings, unavailable } from '#libs/protocol';
import { type Client, clientOf } from './client.js';

/** Where records come from: auth's internal API, or in auth its own table. Throws when it can't say. */
export interface ClientSource {
  read(clientId: string): Promise<ClientRecord | null>;
}

export interface ClientDirectoryOptions {
  source: ClientSource;
  settings: ProviderSettings;
  /** What stands between a record that can't be re-read and its use: a disabled client dies by its generation in a fresh view. */
  view: { freshness(): { fresh: boolean }; refusesClient(clientId: string, gen: number): boolean };
  /** Milliseconds, monotonic. */
  now?: () => number;
  maxEntries?: number;
}

interface Entry {
  client: Client;
  readAt: number;
  stale: boolean;
}

const REREAD_MS = 60_000;

/**
 * Client records by cache. `dropped` marks a record for re-reading and keeps it: while auth can't be reached the last record stays
 * usable as long as the view is fresh (DESIGN, Decided). Unknown ids are not cached, so a new client works at once.
 */
export class ClientDirectory {
  private readonly entries = new Map<string, Entry>();
  private readonly reads = new Map<string, Promise<Client | null>>();
  private readonly now: () => number;

  constructor(private readonly options: ClientDirectoryOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** null = there is no such client. A client the view refuses is shown as disabled. Throws `temporarily_unavailable`. */
  async get(clientId: string): Promise<Client | null> {
    const client = this.currentRecord(clientId) ?? (await this.reread(clientId, this.entries.get(clientId)));
    return client && this.judged(client);
  }

  /** What needs no reading, and no promise: null also for a record that has to be read again first. */
  current(clientId: string): Client | null {
    const client = this.currentRecord(clientId);
    return client && this.judged(client);
  }

  /** For ViewService.onClientChanged. A read that is under way may have read the record from before: it does not count as current. */
  changed(clientId: string): void {
    const entry = this.entries.get(clientId);
    if (entry) entry.stale = true;
    this.reads.delete(clientId);
  }

  private currentRecord(clientId: string): Client | null {
    const entry = this.entries.get(clientId);
    return entry && !entry.stale && this.now() - entry.readAt < REREAD_MS ? entry.client : null;
  }

  private async reread(clientId: string, last: Entry | undefined): Promise<Client | null> {
    try {
      return await this.shared(clientId);
    } catch (error) {
      if (last && this.options.view.freshness().fresh) return last.client;
      throw error instanceof OAuthError
        ? error
        : unavailable(`client record not readable: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** One read per client at a time, however many ask. */
  private shared(clientId: string): Promise<Client | null> {
    const running = this.reads.get(clientId);
    if (running) return running;
    const read: Promise<Client | null> = this.read(clientId, () => this.reads.get(clientId) === read).finally(() => {
      if (this.reads.get(clientId) === read) this.reads.delete(clientId);
    });
    this.reads.set(clientId, read);
    return read;
  }

  private async read(clientId: string, stillWanted: () => boolean): Promise<Client | null> {
    const readAt = this.now();
    const record = await this.options.source.read(clientId);
    if (!record) {
      this.entries.delete(clientId);
      return null;
    }
    const client = clientOf(record, this.options.settings);
    this.store(clientId, { client, readAt, stale: !stillWanted() });
    return client;
  }

  private store(clientId: string, entry: Entry): void {
    this.entries.delete(clientId);
    this.entries.set(clientId, entry);
    if (this.entries.size <= (this.options.maxEntries ?? 10_000)) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }

  /** The record may be older than the entry that disabled it. */
  private judged(client: Client): Client {
    if (client.disabled || !this.options.view.refusesClient(client.client_id, client.gen)) return client;
    return { ...client, disabled: true };
  }
}
