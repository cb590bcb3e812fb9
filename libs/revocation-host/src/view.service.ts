import type { RevocationEntry, ServiceName, SourceName } from '#libs/contracts';
import { randomId } from '#libs/database';
import { type BroadcastReader, Ticker } from '#libs/event-log';
import { unavailable } from '#libs/protocol';
import { type Clock, RevocationView } from '#libs/revocation';
import type { RemoteViewDirectory } from './view-directory.js';
import type { ViewFollower } from './view-follower.js';
import { type EntryPath, NOBODY_LOOKS, type ViewObserver } from './view-observer.js';

export interface ViewServiceOptions {
  service: ServiceName;
  sources: readonly SourceName[];
  horizonMs: number;
  boundMs: number;
  clock: Clock;
  reader: BroadcastReader;
  registry: Pick<RemoteViewDirectory, 'register' | 'remove'>;
  readiness: { set(name: string, ok: boolean, reason?: string): void };
  observer?: ViewObserver;
}

const RENEW_MS = 500;
const JUDGE_MS = 100;
const READINESS = 'view';

/**
 * The view of this process. Registered before it reads: an end that commits later finds it in the registry, one that committed earlier is in what
 * it reads. A registration that can't be renewed makes ends unconfirmed, not answers wrong: freshness comes from the log alone.
 */
export class ViewService {
  readonly viewId = randomId();
  readonly view: RevocationView;
  private readonly clientListeners = new Set<(clientId: string) => void>();
  private readonly keyListeners = new Set<(kid: string) => void>();
  private readonly followers = new Set<ViewFollower>();
  private readonly renewal: Ticker;
  private readonly judging: Ticker;
  private address = '';
  private reading: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: ViewServiceOptions) {
    const { sources, horizonMs, boundMs, clock } = options;
    this.view = new RevocationView({ sources, horizonMs, boundMs, clock });
    this.renewal = new Ticker(RENEW_MS, () => this.renew());
    this.judging = new Ticker(JUDGE_MS, async () => this.showReadiness());
    options.readiness.set(READINESS, false, 'not registered yet');
  }

  /**
   * Once the internal listener is open at `address`. Does not wait for the session service, which may be starting beside us: readiness
   * `view` says when the view is current.
   */
  async start(address: string): Promise<void> {
    this.address = address;
    this.renewal.start();
    this.judging.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([this.renewal.stop(), this.judging.stop()]);
    await this.reading;
    await this.options.reader.stop();
    if (this.address) await this.options.registry.remove(this.viewId).catch(() => undefined);
  }

  /** For what would be accepted only; ask again when the answer is sent. RFC 7662 has no "don't know", so it is a 503 with Retry-After. */
  requireFresh(): void {
    const state = this.view.freshness();
    if (!state.fresh) throw unavailable(`revocation view not fresh: ${state.source}: ${state.reason} (${Math.round(state.ageMs)} ms)`);
  }

  /** Entries from the log, from a hint or from this process's own commit. */
  receive(entries: readonly RevocationEntry[], via: EntryPath = 'own'): void {
    const news = this.view.apply(entries);
    for (const entry of news) {
      if (entry.kind === 'client') for (const listener of this.clientListeners) listener(entry.id);
      if (entry.kind === 'key') for (const listener of this.keyListeners) listener(entry.id);
    }
    if (news.length === 0) return;
    for (const follower of this.followers) follower.applied(news, via);
    (this.options.observer ?? NOBODY_LOOKS).applied(news, via, this.view.ownerNow());
  }

  /** Told the client's id whenever something about the client changed; drops cached records. */
  onClientChanged(listener: (clientId: string) => void): void {
    this.clientListeners.add(listener);
  }

  /** Told the kid of a key that was revoked: whoever holds keys drops it for good, because the view forgets after the horizon. */
  onKeyRevoked(listener: (kid: string) => void): void {
    this.keyListeners.add(listener);
  }

  /** Told whatever this view is told, in the same order. */
  follow(follower: ViewFollower): void {
    this.followers.add(follower);
  }

  private async renew(): Promise<void> {
    await this.options.registry.register({ view_id: this.viewId, address: this.address, service: this.options.service });
    if (this.stopped) return;
    this.reading ??= this.options.reader.start({
      onEntries: (source, entries, places) => {
        for (const follower of this.followers) follower.logged(source, entries, places);
        this.receive(entries, 'log');
      },
      onProof: (source, proof) => {
        if (this.view.applyProof(source, proof)) for (const follower of this.followers) follower.proven(source, proof);
        this.showReadiness();
      },
      onGap: (source, reason) => this.view.gap(source, reason),
    });
  }

  private showReadiness(): void {
    if (!this.reading) return;
    const state = this.view.freshness();
    if (state.fresh) this.options.readiness.set(READINESS, true);
    else this.options.readiness.set(READINESS, false, `${state.source}: ${state.reason}`);
  }
}
