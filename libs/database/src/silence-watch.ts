import pg from 'pg';

const TICK_MS = 100;
/** A look that comes so late says that this process stood still, not the server. */
const LATE_MS = 500;
/** So long a statement is simply waited for. A live server then says whether it is at work on it. */
const QUIET_MS = 1_000;
/** On a machine with more work than it can do a new connection may take a second and more; cutting what works would add to it. */
const ANSWER_MS = 2_500;
/** By then the server has ended what we left behind by itself (idle_in_transaction_session_timeout). */
const CLEARING_MS = 15_000;
const CLEAR_EVERY_MS = 300;

/** What pg keeps of a connection and its types leave out. */
interface Wire {
  readonly processID: number | null;
  /** false: a statement was sent and has not been answered. */
  readonly readyForQuery: boolean;
  readonly connection: { readonly stream: { readonly bytesRead: number; destroy(reason?: Error): void } };
  getTransactionStatus(): string | null;
}

interface Watched {
  readonly client: pg.ClientBase & Wire;
  readonly openedAt: number;
  read: number;
  /** Since when nothing came, though something is owed. */
  quietSince: number | undefined;
}

interface LeftBehind {
  readonly pid: number;
  readonly openedAt: number;
}

/**
 * A connection can stay open while nothing comes back any more: a machine that hangs, a firewall that forgot. A statement that has
 * been quiet for a second is asked about over a new connection: where the server says that it is at work on it (a lock, a migration, a long list), it
 * goes on; else its connection is cut, and its outcome is unknown to whoever waited. Every idle one, opened before, is dropped with it, so
 * that nobody waits for the next dead one in turn. A shorter time limit instead would cut what is only slow.
 *
 * Behind a pooler that hands out process ids of its own this is a time limit of one to four seconds for every statement.
 */
export class SilenceWatch {
  private readonly watched = new Set<Watched>();
  private lookedAt = performance.now();
  private ticking: NodeJS.Timeout | undefined;
  private asking = false;
  private leftBehind: LeftBehind[] = [];
  private clearUntil = 0;
  private clearing: NodeJS.Timeout | undefined;

  constructor(private readonly options: { readonly url: string; readonly applicationName: string }) {}

  /** For every connection of the pool, when it is open. */
  add(client: pg.ClientBase): void {
    const each: Watched = { client: client as Watched['client'], openedAt: performance.now(), read: 0, quietSince: undefined };
    this.watched.add(each);
    client.once('end', () => this.watched.delete(each));
    if (this.ticking) return;
    this.lookedAt = performance.now();
    this.ticking = setInterval(() => this.look(), TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.ticking);
    clearTimeout(this.clearing);
    this.clearUntil = 0;
  }

  private look(): void {
    const now = performance.now();
    const stoodStill = now - this.lookedAt > LATE_MS;
    this.lookedAt = now;
    for (const each of this.watched) {
      const { bytesRead } = each.client.connection.stream;
      if (stoodStill || each.client.readyForQuery || bytesRead !== each.read) each.quietSince = undefined;
      each.read = bytesRead;
      if (!each.client.readyForQuery) each.quietSince ??= now;
    }
    const quiet = this.quietNow();
    if (quiet.length === 0 || this.asking) return;
    this.asking = true;
    void this.judge(quiet).finally(() => {
      this.asking = false;
    });
  }

  private get heard(): number {
    return [...this.watched].reduce((bytes, { client }) => bytes + client.connection.stream.bytesRead, 0);
  }

  private quietNow(): Watched[] {
    const now = performance.now();
    return [...this.watched].filter(({ quietSince = now }) => now - quietSince >= QUIET_MS);
  }

  private async judge(quiet: readonly Watched[]): Promise<void> {
    const asked = new Map(quiet.map((each) => [each, each.quietSince]));
    const heard = this.heard;
    const working = await this.workingOn(quiet.map(({ client }) => client.processID ?? 0));
    // What the server had answered when it was asked is here by now.
    await new Promise((resolve) => setImmediate(resolve));
    this.look();
    // A server that tells anybody anything is slow, and cutting connections would make it slower.
    if (working === 'silent' && this.heard !== heard) return;
    // Who became as quiet while nobody answered need not wait for a question of its own.
    const dead =
      working === 'silent'
        ? this.quietNow()
        : quiet.filter(
            (each) => each.quietSince !== undefined && each.quietSince === asked.get(each) && !working.includes(each.client.processID ?? 0),
          );
    if (dead.length === 0) return;
    const idle = [...this.watched].filter(({ client }) => client.readyForQuery && client.getTransactionStatus() === 'I');
    for (const each of [...dead, ...idle]) this.cut(each);
  }

  /** A server that is full answers, but not this: then all are taken to be worked on, until the pool's own time limit. */
  private async workingOn(pids: readonly number[]): Promise<readonly number[] | 'silent'> {
    try {
      return await this.askAnew("SELECT pid FROM pg_stat_activity WHERE pid = ANY($1) AND state = 'active'", [pids]);
    } catch (error) {
      return error instanceof pg.DatabaseError && error.code === '53300' ? pids : 'silent';
    }
  }

  private cut(each: Watched): void {
    this.watched.delete(each);
    each.client.connection.stream.destroy(new Error('Connection terminated: the database has gone silent'));
    if (each.client.processID === null) return;
    this.leftBehind.push({ pid: each.client.processID, openedAt: each.openedAt });
    this.clearUntil = performance.now() + CLEARING_MS;
    this.clearing ??= setTimeout(() => void this.clear(), CLEAR_EVERY_MS).unref();
  }

  /**
   * The server may not know that we have gone: an open transaction would hold its locks for ten seconds more. A process id may be
   * somebody else's by now; but theirs is younger than ours would be.
   */
  private async clear(): Promise<void> {
    const now = performance.now();
    const [pids, ages] = [this.leftBehind.map(({ pid }) => pid), this.leftBehind.map(({ openedAt }) => (now - openedAt) / 1_000)];
    const cleared = await this.askAnew(
      `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN unnest($1::int[], $2::float8[]) AS left_behind (pid, age) USING (pid)
       WHERE a.usename = current_user AND extract(epoch FROM clock_timestamp() - a.backend_start) >= left_behind.age`,
      [pids, ages],
    ).then(
      () => true,
      () => false,
    );
    if (cleared) this.leftBehind = this.leftBehind.filter(({ pid }) => !pids.includes(pid));
    const again = this.leftBehind.length > 0 && performance.now() < this.clearUntil;
    this.clearing = again ? setTimeout(() => void this.clear(), CLEAR_EVERY_MS).unref() : undefined;
    if (!again) this.leftBehind = [];
  }

  /** Over a connection of its own, with one time limit for all of it. */
  private async askAnew(text: string, params: readonly unknown[]): Promise<number[]> {
    const client = new pg.Client({ connectionString: this.options.url, application_name: this.options.applicationName });
    const { stream } = (client as unknown as Wire).connection;
    client.on('error', () => undefined);
    const limit = setTimeout(() => (client as unknown as Wire).connection.stream.destroy(), ANSWER_MS);
    try {
      await client.connect();
      return (await client.query<{ pid: number }>(text, [...params])).rows.map(({ pid }) => pid);
    } finally {
      clearTimeout(limit);
      void client.end().catch(() => undefined);
      setImmediate(() => stream.destroy());
    }
  }
}
