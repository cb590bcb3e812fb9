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
  /**
   * A record that is old, and has not changed as far as a fresh view knows, is used at once and read again behind the caller's back: for whoever
   * must answer though auth hangs (introspection). Else the first to ask after a minute waits for the reading.
   */
  rereadBehind?: boolean;
  /** Milliseconds, monotonic. */
  now?: () => number;
  maxEntries?: number;
}

interface Entry {
  client: Client;
  /** When its reading began, and when one was last begun behind a caller's back. */
  readAt: number;
  triedAt: number;
  /** It has changed since, or may have. */
  stale: boolean;
}

const REREAD_MS = 60_000;
/** Between two readings behind a caller's back while auth does not answer. */
const RETRY_MS = 1_000;

/**
 * Client records by cache. `changed` marks a record for re-reading and keeps it: while auth can't be reached the last record stays
 * usable as long as the view is fresh (DESIGN, Decided). Unknown ids are not cached, so a new client works at once. Every change of a client
 * is an entry of the log, so a view that is fresh has told of it: whoever asks then waits for the record as it is now.
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
    const client = this.usable(clientId) ?? (await this.reread(clientId, this.entries.get(clientId)));
    return client && this.judged(client);
  }

  /** What needs no reading, and no promise: null also for a record that has to be read again first. */
  current(clientId: string): Client | null {
    const client = this.usable(clientId);
    return client && this.judged(client);
  }

  /** For ViewService.onClientChanged. A read that is under way may have read the record from before: it does not count as current. */
  changed(clientId: string): void {
    const entry = this.entries.get(clientId);
    if (entry) entry.stale = true;
    this.reads.delete(clientId);
  }

  private usable(clientId: string): Client | null {
    const entry = this.entries.get(clientId);
    if (!entry || entry.stale) return null;
    const now = this.now();
    if (now - entry.readAt < REREAD_MS) return entry.client;
    if (!this.options.rereadBehind || !this.options.view.freshness().fresh) return null;
    if (now - entry.triedAt >= RETRY_MS) {
      entry.triedAt = now;
      this.shared(clientId).catch(() => undefined);
    }
    return entry.client;
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
    const client = record && clientOf(record, this.options.settings);
    // An answer that was long on its way says nothing about a record that was asked for later.
    if ((this.entries.get(clientId)?.readAt ?? readAt) > readAt) return client;
    if (client) this.store(clientId, { client, readAt, triedAt: readAt, stale: !stillWanted() });
    else this.entries.delete(clientId);
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
