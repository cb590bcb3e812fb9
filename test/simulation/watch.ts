import type { SourceName } from '#libs/contracts';
import type { AccessTokenClaims } from '#libs/protocol';
import type { ViewService } from '#libs/revocation-host';
import type { KeyService } from '../../apps/token/src/keys/key-service.js';
import { brokenBetween } from './committed-rules.js';
import { PublishedRules } from './kafka/published-rules.js';
import type { Process, Scheduler } from './scheduler.js';
import { SETTINGS } from './settings.js';
import { NOTHING_YET, type Snapshot } from './snapshot.js';

/** A revocation, from the step in which it was committed. `gen`: of a subject. */
export interface Revoked {
  readonly kind: string;
  readonly key: string;
  readonly gen: number | null;
  readonly at: number;
  readonly step: number;
}

/** A reader begins to ask. */
interface Asked {
  readonly step: number;
  readonly at: number;
  readonly monotonic: number;
}

const X = SETTINGS.freshness_bound_ms;
const SOURCE_COUNT = 3;

/**
 * The checker. It sees what is committed by a look of its own, what views are told, and what is answered; it knows nothing of how any of
 * it came about, and shares no code with what it checks.
 */
export class Watch {
  readonly broken: string[] = [];
  readonly revoked: Revoked[] = [];
  readonly asked = new Set<string>();
  readonly holders: { sid: string; client: string }[] = [];
  seen: Snapshot = NOTHING_YET;
  readonly published: PublishedRules;
  private dirty = false;
  private readonly reading = new Map<Process, Map<SourceName, Asked[]>>();
  private readonly proofs = new Map<Process, Map<SourceName, number>>();
  /** Tokens that a service has called inactive: it may never call them active again. */
  private readonly dead = new Set<string>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly keys: KeyService,
    private readonly look: () => Promise<Snapshot>,
    isPublished = false,
  ) {
    this.published = new PublishedRules(isPublished, (text) => this.violate(text));
  }

  violate(text: string): void {
    this.scheduler.note(`VIOLATION ${text}`);
    this.broken.push(text);
  }

  committed(): void {
    this.dirty = true;
  }

  /** After every step: only a commit can change what is committed. */
  async check(): Promise<void> {
    if (!this.dirty) return;
    this.dirty = false;
    const { now, database } = this.scheduler.clock;
    const before = this.seen;
    this.seen = await this.look();
    for (const { stream, name, key, gen } of this.seen.outbox) {
      if (stream !== 'revocations' || this.revocation(name, key, gen)) continue;
      this.revoked.push({ kind: name, key, gen, at: now, step: this.scheduler.steps });
    }
    const known = { now: database, asked: this.asked, holders: this.holders };
    for (const text of brokenBetween(before, this.seen, known)) this.violate(text);
    for (const text of this.published.brokenBy(this.seen)) this.violate(text);
  }

  revocation(kind: string, key: string, gen: number | null = null): Revoked | undefined {
    return this.revoked.find((other) => other.kind === kind && other.key === key && other.gen === gen);
  }

  /** What a token hangs from that is revoked. */
  revocationsOf({ sid, gid, jti, sub, gen }: AccessTokenClaims): Revoked[] {
    return this.revoked.filter(({ kind, key, gen: raised }) => {
      if (kind === 'session') return key === sid;
      if (kind === 'grant') return key === gid;
      if (kind === 'token') return key === jti;
      return kind === 'subject' && key === sub && gen[0] < (raised ?? 0);
    });
  }

  reads(process: Process, source: SourceName, monotonic: number): void {
    const of = this.reading.get(process) ?? new Map<SourceName, Asked[]>();
    const asked = { step: this.scheduler.steps, at: this.scheduler.clock.now, monotonic };
    this.reading.set(process, of.set(source, [...(of.get(source) ?? []), asked]));
  }

  /**
   * S4 and S5: whoever is told "complete as of then" has everything that was committed by then. `exactly`: a proof may be of any question, and
   * its moment says of which; else it is of the last.
   */
  view(process: Process, { view }: ViewService, exactly: boolean): void {
    const apply = view.applyProof.bind(view);
    view.applyProof = (source, proof) => {
      const taken = apply(source, proof);
      if (!taken) return false;
      const asked = this.reading.get(process)?.get(source) ?? [];
      const sent = exactly ? asked.find(({ monotonic }) => monotonic === proof.sentMonotonic) : asked.at(-1);
      if (!sent) {
        this.violate(`S5: ${process.name} was told of ${source} without having asked`);
        return taken;
      }
      const of = this.proofs.get(process) ?? new Map();
      this.proofs.set(process, of.set(source, sent.at));
      for (const { kind, key, gen, step } of this.revoked) {
        if (step > sent.step || sourceOf(kind) !== source) continue;
        const token = { jti: '', sub: '', client_id: '', gen: [0, 0] as const };
        const handle = {
          session: { sid: key },
          grant: { gid: key },
          token: { jti: key },
          subject: { sub: key, gen: [(gen ?? 0) - 1, 0] as const },
        }[kind];
        if (!view.isRevoked({ ...token, ...handle }))
          this.violate(`S4: ${process.name} is complete as of step ${sent.step} without ${kind} ${key} of step ${step}`);
      }
      return taken;
    };
  }

  /** S1, S2, S8: at the moment an answer is sent. */
  said(process: Process, token: string, active: boolean): void {
    const id = `${process.name} ${token}`;
    if (!active) return void this.dead.add(id);
    const { now, database } = this.scheduler.clock;
    const claims = this.claimsOf(token);
    if (this.dead.has(id)) this.violate(`S3: ${process.name} called a token of ${claims.sid} inactive and then active`);
    if (claims.exp * 1_000 <= database) this.violate(`S1: active ${database - claims.exp * 1_000} ms after its exp`);
    for (const { kind, key, at } of this.revocationsOf(claims)) {
      if (now - at > X) this.violate(`S1: active ${now - at} ms after ${kind} ${key} was revoked`);
    }
    const proofs = [...(this.proofs.get(process)?.values() ?? [])];
    if (proofs.length < SOURCE_COUNT || proofs.some((at) => now - at > X)) {
      this.violate(`S8: active, with proofs of ${proofs.map((at) => now - at).join(', ') || 'nothing'} ms ago`);
    }
  }

  claimsOf(token: string): AccessTokenClaims {
    const claims = this.keys.accessTokens.read(token);
    if (claims === null || claims instanceof Promise || claims === 'unavailable') throw new Error('not a token of the simulation');
    return claims;
  }
}

function sourceOf(kind: string): SourceName {
  if (kind === 'session') return 'session';
  return kind === 'subject' || kind === 'client' ? 'auth' : 'token';
}
