/**
 * Pure: when a listener of the feed may call its copy of one source complete, and as of which moment of its own (docs/decisions/0028). Its probe is
 * answered with a ticket drawn after the probe came, by whatever instance; the copy is complete as of the probe's send once its stream has
 * shown a ticket that is not smaller, since the stream's owner had read everything committed before that one and had sent it first.
 */
export interface HopState {
  /** Of the last proof in the stream. */
  readonly shown: HopTicket | null;
  /** The oldest first. */
  readonly probes: readonly HopProbe[];
}

export interface HopTicket {
  readonly epoch: string;
  readonly ticket: number;
}

interface HopProbe {
  readonly id: number;
  /** What the stream had shown when the probe was sent. */
  readonly floor: HopTicket | null;
  /** Null: not answered yet. */
  readonly answer: HopTicket | null;
}

export interface Hop {
  readonly state: HopState;
  /** The youngest probe as of whose send the copy is complete now. */
  readonly proven: number | null;
}

export const NEW_HOP: HopState = { shown: null, probes: [] };

/** More are under way only when nothing is answered any more. */
const MAX_PROBES = 16;

export function onProbe(state: HopState, id: number): HopState {
  return { ...state, probes: [...state.probes, { id, floor: state.shown, answer: null }].slice(-MAX_PROBES) };
}

/** Null: the answer is of a history that went back; what the stream showed, and what it will show, can't be compared with it. */
export function onAnswer(state: HopState, id: number, answer: HopTicket, rules: HopRules = HOP_RULES): Hop | null {
  const probe = state.probes.find((one) => one.id === id);
  if (!probe) return { state, proven: null };
  if (rules.wentBack(probe.floor, answer)) return null;
  return settled({ ...state, probes: state.probes.map((one) => (one.id === id ? { ...one, answer } : one)) }, rules);
}

export function onShown(state: HopState, shown: HopTicket, rules: HopRules = HOP_RULES): Hop {
  return settled({ ...state, shown }, rules);
}

function settled(state: HopState, rules: HopRules): Hop {
  const { shown } = state;
  const reached = shown ? state.probes.findLast(({ answer }) => answer !== null && rules.reached(shown, answer)) : undefined;
  if (!reached) return { state, proven: null };
  return { state: { ...state, probes: state.probes.filter(({ id }) => id > reached.id) }, proven: reached.id };
}

/** The ticket was drawn after the probe was sent, so after whatever had been shown by then. */
function wentBack(floor: HopTicket | null, answer: HopTicket): boolean {
  return floor?.epoch === answer.epoch && answer.ticket <= floor.ticket;
}

function reached(shown: HopTicket, answer: HopTicket): boolean {
  return shown.epoch === answer.epoch && shown.ticket >= answer.ticket;
}

/** The rules as one value, so that a test can break one of them and show that a named case fails. */
export const HOP_RULES = { wentBack, reached };
export type HopRules = typeof HOP_RULES;
