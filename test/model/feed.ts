import type { RevocationEntry } from '#libs/contracts';
import { HOP_RULES, type HopRules, type HopState, NEW_HOP, onAnswer, onProbe, onShown } from '#libs/revocation';
import { Journal } from '../../apps/introspect/src/feed/journal.js';
import { epochName, type FeedPosition } from '../../apps/introspect/src/feed/position.js';
import type { Machine, Step } from './explore.js';

/**
 * The feed's hop: one source with one partition, two instances that read it, one listener that moves between them, and probes that either answers.
 * What decides is the real code: the listener's rule (`libs/revocation/src/hop.ts`) and the journal that resumes. Ends are numbers from 0; a set is a list.
 */
export interface FeedRules extends HopRules {
  /** A probe is answered by a ticket that was sent for after it came, not by the last one known. */
  readonly answeredLater: boolean;
  /** The copy counts as of the probe's send, not of its answer's arrival. */
  readonly asOfSend: boolean;
  /** Tickets are compared; else the positions, as the founding paper has it. */
  readonly byTicket: boolean;
  readonly newsBeforeProof: boolean;
  /** Nobody who is still catching up is shown a proof. */
  readonly caughtUpFirst: boolean;
  /** What has no number goes to whoever resumes. */
  readonly unnumberedResumed: boolean;
}

export const FEED_RULES: FeedRules = {
  ...HOP_RULES,
  ...{ answeredLater: true, asOfSend: true, byTicket: true, newsBeforeProof: true, caughtUpFirst: true },
  unnumberedResumed: true,
};

export interface FeedScope {
  readonly ends: number;
  readonly reads: number;
  readonly probes: number;
  readonly moves: number;
  readonly restarts: number;
}

type Heard = { logged: number; pseq: number | null; epoch: string } | { hinted: number } | { proven: Position };

interface Position {
  readonly epoch: string;
  readonly ticket: number;
  readonly last: number;
}

interface Instance {
  readonly set: readonly number[];
  /** What its journal was told, in order. */
  readonly heard: readonly Heard[];
  /** A ticket that was drawn, and the position it reads after. */
  readonly reading: { readonly epoch: string; readonly ticket: number } | null;
  readonly proof: Position | null;
  /** A probe that came; `later`: a ticket was drawn since. */
  readonly asked: { readonly probe: number; readonly after: number } | null;
}

type Frame = { ended: number } | { proof: Position };

export interface FeedState {
  /** By number; null: committed and not numbered yet. */
  readonly ends: readonly (number | null)[];
  readonly epoch: number;
  readonly ticket: number;
  readonly drawn: number;
  readonly instances: readonly [Instance, Instance];
  readonly at: 0 | 1 | null;
  readonly stream: readonly Frame[];
  readonly copy: readonly number[];
  readonly position: Position | null;
  readonly hop: HopState;
  /** Of each probe: how many ends were committed when it was sent, or, by a mutant, when it was answered. */
  readonly sentAt: readonly number[];
  readonly answers: readonly { readonly probe: number; readonly position: Position }[];
  readonly complete: number;
  readonly moves: number;
}

const NEW_INSTANCE: Instance = { set: [], heard: [], reading: null, proof: null, asked: null };

export class FeedModel implements Machine<FeedState> {
  readonly start: FeedState = {
    ...{ ends: [], epoch: 0, ticket: 0, drawn: 0, instances: [NEW_INSTANCE, NEW_INSTANCE], at: null, stream: [], copy: [] },
    ...{ position: null, hop: NEW_HOP, sentAt: [], answers: [], complete: 0, moves: 0 },
  };

  constructor(
    private readonly scope: FeedScope,
    private readonly rules: FeedRules = FEED_RULES,
  ) {}

  encode(state: FeedState): string {
    return JSON.stringify(state);
  }

  /** S1, one hop further: what the listener calls complete it has. */
  broken({ complete, copy }: FeedState): string | null {
    const lacks = Array.from({ length: complete }, (_, end) => end).find((end) => !copy.includes(end));
    return lacks === undefined ? null : `complete as of a moment at which end ${lacks} was committed, and the copy lacks it`;
  }

  next(state: FeedState): Step<FeedState>[] {
    return [...this.owner(state), ...[0, 1].flatMap((n) => this.instance(state, n as 0 | 1)), ...this.listener(state)];
  }

  private owner(state: FeedState): Step<FeedState>[] {
    const steps: Step<FeedState>[] = [];
    const { ends, epoch } = state;
    if (ends.length < this.scope.ends) steps.push({ label: `end ${ends.length} commits`, to: { ...state, ends: [...ends, null] } });
    if (ends.includes(null)) {
      let last = lastOf(ends);
      steps.push({ label: 'a relay step numbers what has no number', to: { ...state, ends: ends.map((number) => number ?? ++last) } });
    }
    if (epoch < this.scope.restarts && state.drawn > 0) {
      steps.push({ label: 'Postgres restarts; tickets begin anew', to: { ...state, epoch: epoch + 1, ticket: 0 } });
    }
    return steps;
  }

  private instance(state: FeedState, n: 0 | 1): Step<FeedState>[] {
    const steps: Step<FeedState>[] = [];
    const of = state.instances[n];
    const name = 'AB'[n];
    if (of.reading === null && state.drawn < this.scope.reads) {
      const ticket = state.ticket + 1;
      const reading = { epoch: `e${state.epoch}`, ticket };
      steps.push({
        label: `${name} draws ticket ${ticket}`,
        to: this.with({ ...state, ticket, drawn: state.drawn + 1 }, n, { ...of, reading }),
      });
    }
    if (of.reading?.epoch === `e${state.epoch}`) steps.push({ label: `${name} reads and proves itself`, to: this.read(state, n, of) });
    else if (of.reading) steps.push({ label: `${name} loses its connection`, to: this.with(state, n, { ...of, reading: null }) });
    for (const [end] of state.ends.entries()) {
      if (of.set.includes(end)) continue;
      const hinted = { ...of, set: [...of.set, end], heard: [...of.heard, { hinted: end }] };
      steps.push({ label: `${name} gets a hint of end ${end}`, to: this.tell(this.with(state, n, hinted), n, [{ ended: end }]) });
    }
    return steps;
  }

  /** Rows after the position and rows without a number, from one snapshot; then the proof, and whoever asked before the ticket is answered. */
  private read(state: FeedState, n: 0 | 1, of: Instance): FeedState {
    const { epoch, ticket } = of.reading ?? { epoch: '', ticket: 0 };
    const after = of.proof?.last ?? 0;
    const rows = [...state.ends.entries()].filter(([, number]) => number === null || number > after);
    const news = rows.map(([end]) => end).filter((end) => !of.set.includes(end));
    const proof: Position = { epoch, ticket, last: lastOf(state.ends) };
    const heard: Heard[] = [...rows.map(([logged, pseq]) => ({ logged, pseq, epoch })), { proven: proof }];
    const asked = of.asked;
    const due = asked !== null && asked.after < ticketOrder(epoch, ticket);
    const answers = due ? [...state.answers, { probe: asked.probe, position: proof }] : state.answers;
    const read = { ...of, set: [...of.set, ...news], heard: [...of.heard, ...heard], reading: null, proof, asked: due ? null : asked };
    const frames: Frame[] = news.map((ended) => ({ ended }));
    const told: Frame[] = this.rules.newsBeforeProof ? [...frames, { proof }] : [{ proof }, ...frames];
    return this.tell(this.with({ ...state, answers }, n, read), n, told);
  }

  private listener(state: FeedState): Step<FeedState>[] {
    const steps: Step<FeedState>[] = [];
    for (const n of [0, 1] as const) {
      const of = state.instances[n];
      if (of.proof && state.at !== n && state.moves < this.scope.moves) steps.push(this.connect(state, n, of));
      if (state.sentAt.length < this.scope.probes && of.asked === null && state.at !== null) steps.push(this.probe(state, n, of));
    }
    const [frame, ...rest] = state.stream;
    if (frame) steps.push(this.take({ ...state, stream: rest }, frame));
    for (const answer of state.answers) steps.push(this.answered(state, answer));
    return steps;
  }

  private connect(state: FeedState, n: 0 | 1, of: Instance): Step<FeedState> {
    const since = state.position ? this.journalOf(of).since(this.asPosition(state.position)) : { refused: 'nothing to resume' };
    const resumed = 'entries' in since ? since.entries.map(({ id }) => Number(id)) : null;
    const unnumbered = of.set.filter((end) => !of.heard.some((heard) => 'logged' in heard && heard.logged === end && heard.pseq !== null));
    const given = resumed ? resumed.filter((end) => this.rules.unnumberedResumed || !unnumbered.includes(end)) : of.set;
    const proof: Frame[] = of.proof ? [{ proof: of.proof }] : [];
    const catchUp: Frame[] = given.map((ended) => ({ ended }));
    const stream = this.rules.caughtUpFirst ? [...catchUp, ...proof] : [...proof, ...catchUp];
    const to = { ...state, at: n, stream, moves: state.moves + 1, hop: { ...state.hop, shown: null } };
    return { label: `the listener connects to ${'AB'[n]}, ${resumed ? 'resuming' : 'with a snapshot'}`, to };
  }

  private probe(state: FeedState, n: 0 | 1, of: Instance): Step<FeedState> {
    const probe = state.sentAt.length;
    const sent = { ...state, hop: onProbe(state.hop, probe), sentAt: [...state.sentAt, state.ends.length] };
    const label = `the listener asks ${'AB'[n]} (probe ${probe})`;
    if (!this.rules.answeredLater && of.proof) return { label, to: { ...sent, answers: [...sent.answers, { probe, position: of.proof }] } };
    return { label, to: this.with(sent, n, { ...of, asked: { probe, after: ticketOrder(`e${state.epoch}`, state.ticket) } }) };
  }

  private take(state: FeedState, frame: Frame): Step<FeedState> {
    if ('ended' in frame) {
      const copy = state.copy.includes(frame.ended) ? state.copy : [...state.copy, frame.ended].sort();
      return { label: `the stream brings end ${frame.ended}`, to: { ...state, copy } };
    }
    const { state: hop, proven } = onShown(state.hop, this.comparable(frame.proof), this.rules);
    return { label: `the stream proves ticket ${frame.proof.ticket}`, to: this.proven({ ...state, hop, position: frame.proof }, proven) };
  }

  private answered(state: FeedState, answer: FeedState['answers'][number]): Step<FeedState> {
    const answers = state.answers.filter((one) => one !== answer);
    const sentAt = this.rules.asOfSend ? state.sentAt : state.sentAt.with(answer.probe, state.ends.length);
    const label = `probe ${answer.probe} is answered: ticket ${answer.position.ticket}, number ${answer.position.last}`;
    const hop = onAnswer(state.hop, answer.probe, this.comparable(answer.position), this.rules);
    if (!hop)
      return {
        label: `${label}; it went back`,
        to: { ...state, answers, at: null, stream: [], copy: [], position: null, hop: NEW_HOP, complete: 0 },
      };
    return { label, to: this.proven({ ...state, answers, sentAt, hop: hop.state }, hop.proven) };
  }

  private proven(state: FeedState, probe: number | null): FeedState {
    return probe === null ? state : { ...state, complete: Math.max(state.complete, state.sentAt[probe] ?? 0) };
  }

  private comparable({ epoch, ticket, last }: Position) {
    return { epoch, ticket: this.rules.byTicket ? ticket : last };
  }

  private tell(state: FeedState, n: 0 | 1, frames: Frame[]): FeedState {
    return state.at === n ? { ...state, stream: [...state.stream, ...frames] } : state;
  }

  private with(state: FeedState, n: 0 | 1, instance: Instance): FeedState {
    return { ...state, instances: n === 0 ? [instance, state.instances[1]] : [state.instances[0], instance] };
  }

  private asPosition({ epoch, last }: Position): FeedPosition {
    return new Map([['session', { epoch: epochName(epoch), numbers: [last] }]]);
  }

  private journalOf({ heard }: Instance): Journal {
    const journal = new Journal();
    for (const one of heard) {
      if ('hinted' in one) journal.unlogged([entryOf(one.hinted)]);
      else if ('logged' in one) {
        const place = one.pseq === null ? null : { epoch: one.epoch, partition: 0, pseq: one.pseq };
        journal.logged('session', [entryOf(one.logged)], [place]);
      } else {
        const { epoch, ticket, last } = one.proven;
        journal.proven('session', { epoch, ticket, numbers: new Map([[0, last]]) });
      }
    }
    return journal;
  }
}

const entryOf = (end: number): RevocationEntry => ({ kind: 'session', id: String(end), at: end });
const lastOf = (ends: readonly (number | null)[]) => Math.max(0, ...ends.map((number) => number ?? 0));
/** Which of two tickets was drawn later, whatever their epochs. */
const ticketOrder = (epoch: string, ticket: number) => Number(epoch.slice(1)) * 1_000 + ticket;
