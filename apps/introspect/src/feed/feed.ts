import type { ServerResponse } from 'node:http';
import { type RevocationEntry, SOURCES, type SourceName } from '#libs/contracts';
import type { BroadcastProof, LogPlace } from '#libs/event-log';
import type { Metrics } from '#libs/metrics';
import type { Clock, RevocationView } from '#libs/revocation';
import type { EntryPath, ViewFollower } from '#libs/revocation-host';
import { entryFrames, frame, openFrame, proofFrame, type SourceProof, snapshotFrames } from './frames.js';
import { Journal } from './journal.js';
import { type Ending, Listener } from './listener.js';
import { Places } from './places.js';
import { epochName, formatPosition, numbersOf, parsePosition } from './position.js';
import { Probes } from './probes.js';
import { Turns } from './turns.js';

export interface FeedOptions {
  view: RevocationView;
  clock: Clock;
  horizonMs: number;
  boundMs: number;
  maxListeners: number;
  metrics: Metrics;
}

/** Snapshots that are begun at once, so that the first are through soon; one that takes longer (ten million entries, or a slow reader) goes on beside the next. */
const SNAPSHOTS_AT_ONCE = 4;
const SNAPSHOT_TURN_MS = 1_000;
/** For one write to one listener: with a thousand of them entries leave every 50 ms and proofs every 200, and take a fifth of a core. */
const ENTRIES_GAP_MS = 0.05;
const PROOF_GAP_MS = 0.2;
const PROOF_GAP_LEAST_MS = 100;
const SWEEP_MS = 1_000;
/** After a stream that broke off. A listener is fresh for less than the bound without one. */
const RETRY_MS = 250;
/** After a goodbye: listeners of one process do not all come at the same moment to the next one. */
const RETRY_SPREAD_MS = 1_000;

/**
 * The view of this process, passed on to whoever listens. A listener that has caught up has whatever the view has: it was given the set, or what
 * it lacked of it, and since it was entered here everything that was news. So a proof of the view is a proof of every copy, if it is
 * written after the entries it covers (docs/decisions/0028).
 */
export class Feed implements ViewFollower {
  private readonly journal = new Journal();
  private readonly listeners = new Set<Listener>();
  private readonly proofs = new Map<SourceName, BroadcastProof>();
  private readonly snapshots = new Turns(SNAPSHOTS_AT_ONCE, SNAPSHOT_TURN_MS);
  private readonly places: Places;
  private readonly probes: Probes;
  private readonly sweep: NodeJS.Timeout;
  private news: RevocationEntry[] = [];
  private newsTimer: NodeJS.Timeout | null = null;
  private proofTimer: NodeJS.Timeout | null = null;
  private newsAt = Number.NEGATIVE_INFINITY;
  private proofAt = Number.NEGATIVE_INFINITY;
  private left = false;

  constructor(private readonly options: FeedOptions) {
    const { clock, maxListeners, metrics } = options;
    this.places = new Places(maxListeners);
    this.probes = new Probes(4 * maxListeners, () => clock.monotonic());
    this.sweep = setInterval(() => this.lookAround(), SWEEP_MS).unref();
    metrics.collect('feed', ['lanyard_feed_listeners'], () => metrics.set('lanyard_feed_listeners', {}, this.listeners.size));
  }

  /** Whether the view has ever been complete: before that it has nothing to pass on. */
  get open(): boolean {
    return !this.left && this.proofs.size === SOURCES.length;
  }

  /** Whether this client may listen once more. */
  refusal(clientId: string): ReturnType<Places['refusal']> {
    return this.places.refusal(clientId);
  }

  /** From here on the stream is the feed's; headers are sent. `lastEventId`: what the listener has, by its own word. */
  listen(clientId: string, response: ServerResponse, lastEventId: string | undefined): void {
    const listener = new Listener(clientId, response, (one, ending) => this.closed(one, ending));
    this.listeners.add(listener);
    this.places.take(clientId);
    const position = lastEventId === undefined ? null : parsePosition(lastEventId);
    const since = position ? this.journal.since(position) : { refused: lastEventId === undefined ? undefined : 'no position of this feed' };
    const { horizonMs: horizon_ms, boundMs: bound_ms } = this.options;
    const resumed = 'entries' in since;
    const reason = 'refused' in since && since.refused !== undefined ? { reason: since.refused } : {};
    this.count('open', 1);
    listener.write([openFrame({ resumed, ...reason, horizon_ms, bound_ms }, RETRY_MS)]);
    const caughtUp = resumed
      ? listener.catchUp(entryFrames(since.entries))
      : this.snapshots.take(() => listener.catchUp(snapshotFrames(this.options.view.chunks())));
    void caughtUp.then((all) => all && this.proveFirst(listener));
  }

  probeRefusal(clientId: string): ReturnType<Places['refusal']> {
    return this.probes.refusal(clientId);
  }

  /** `since`: when the question had come. Null: this view can't prove itself at present. */
  probe(clientId: string, since: number): Promise<string | null> {
    return this.left ? Promise.resolve(null) : this.probes.ask(clientId, since);
  }

  /** What was registered for the client may have been taken from it: it has to say again who it is. */
  clientChanged(clientId: string): void {
    for (const listener of this.listeners) if (listener.clientId === clientId) this.sendAway(listener, 'client_changed');
  }

  /** Ends every stream with a word when to come again, elsewhere. */
  leave(): void {
    this.left = true;
    clearInterval(this.sweep);
    this.passOnNews();
    for (const listener of this.listeners) this.sendAway(listener, 'leaving');
    this.probes.close();
    clearTimeout(this.newsTimer ?? undefined);
    clearTimeout(this.proofTimer ?? undefined);
  }

  logged(source: SourceName, entries: readonly RevocationEntry[], places: readonly (LogPlace | null)[]): void {
    this.journal.logged(source, entries, places);
  }

  applied(news: readonly RevocationEntry[], via: EntryPath): void {
    if (via !== 'log') this.journal.unlogged(news);
    if (this.listeners.size === 0) return;
    this.news.push(...news);
    if (this.newsTimer !== null) return;
    const wait = this.newsAt + this.listeners.size * ENTRIES_GAP_MS - this.options.clock.monotonic();
    this.newsTimer = setTimeout(() => this.passOnNews(), Math.max(0, wait));
  }

  proven(source: SourceName, proof: BroadcastProof): void {
    this.journal.proven(source, proof.position);
    this.proofs.set(source, proof);
    if (!this.open) return;
    this.probes.answer(Math.min(...[...this.proofs.values()].map(({ sentMonotonic }) => sentMonotonic)), this.sources());
    if (this.proofTimer !== null || this.listeners.size === 0) return;
    const gap = Math.max(PROOF_GAP_LEAST_MS, this.listeners.size * PROOF_GAP_MS);
    this.proofTimer = setTimeout(() => this.passOnProof(), Math.max(0, this.proofAt + gap - this.options.clock.monotonic()));
  }

  /** What the proof covers and still waits for the others' turn goes first, to this listener alone: it hears of it once more with them. */
  private proveFirst(listener: Listener): void {
    const frames = [...entryFrames(this.news)];
    listener.write(frames);
    this.count('entries', frames.length);
    if (listener.prove(this.proof())) this.count('proof', 1);
  }

  private passOnNews(): void {
    clearTimeout(this.newsTimer ?? undefined);
    this.newsTimer = null;
    if (this.news.length === 0) return;
    const frames = [...entryFrames(this.news)];
    this.news = [];
    this.newsAt = this.options.clock.monotonic();
    this.count('entries', frames.length * this.listeners.size);
    for (const listener of this.listeners) listener.write(frames);
  }

  private passOnProof(): void {
    this.proofTimer = null;
    // What the proofs cover and has not been written yet goes first.
    this.passOnNews();
    this.proofAt = this.options.clock.monotonic();
    const proof = this.proof();
    let told = 0;
    for (const listener of this.listeners) if (listener.prove(proof)) told++;
    this.count('proof', told);
  }

  private proof(): Buffer {
    const position = formatPosition(
      new Map([...this.proofs].map(([source, { position: at }]) => [source, { epoch: epochName(at.epoch), numbers: numbersOf(at) }])),
    );
    const unpassed_since = this.proofs.get('auth')?.unpassedSince ?? 0;
    return proofFrame({ sources: this.sources(), owner_now: this.options.view.ownerNow(), unpassed_since }, position);
  }

  private sources(): Record<string, SourceProof> {
    const of = ({ position, dbTime }: BroadcastProof) => ({ epoch: epochName(position.epoch), ticket: position.ticket, db_time: dbTime });
    return Object.fromEntries([...this.proofs].map(([source, proof]) => [source, of(proof)]));
  }

  private sendAway(listener: Listener, ending: Ending): void {
    const retryMs = RETRY_MS + Math.floor(Math.random() * RETRY_SPREAD_MS);
    listener.leave(ending, frame('leaving', { reason: ending }, { retryMs }));
    this.count('leaving', 1);
  }

  private closed(listener: Listener, ending: Ending): void {
    if (!this.listeners.delete(listener)) return;
    this.places.leave(listener.clientId);
    this.options.metrics.add('lanyard_feed_closed_total', { reason: ending });
  }

  private lookAround(): void {
    const now = this.options.clock.monotonic();
    for (const listener of this.listeners) listener.cutIfSlow(now);
    this.probes.giveUp();
    const ownerNow = this.options.view.ownerNow();
    if (ownerNow !== null) this.journal.expire(ownerNow - this.options.horizonMs);
  }

  private count(event: 'open' | 'entries' | 'proof' | 'leaving', by: number): void {
    if (by > 0) this.options.metrics.add('lanyard_feed_events_total', { event }, by);
  }
}
