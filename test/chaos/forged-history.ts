import type { Check, End, Fault, History, Mint, Notice, Start, Step } from '../../scripts/chaos/history.js';

export const BOUND_MS = 2_000;
export const HEALED_AT = 50_000;
const INSTANCES = ['introspect-1', 'introspect-2'];

/** Session s of user jane, one token (1) of grant 1 for the shop; the end is sent at 1,000 and acknowledged at 1,010. */
export const start = (rest: Partial<Start> = {}): Start => ({
  kind: 'start',
  sid: 's',
  user: 'jane',
  invokedAt: 0,
  completedAt: 10,
  ...rest,
});
export const mint = (invokedAt: number, rest: Partial<Mint> = {}): Mint => ({
  ...{ kind: 'mint', by: 'exchange', sid: 's', client: 'shop', grant: 1, outcome: 'ok', token: 1, status: 200 },
  ...{ invokedAt, completedAt: invokedAt + 10, ...rest },
});
export const check = (invokedAt: number, outcome: Check['outcome'], rest: Partial<Check> = {}): Check => ({
  ...{ kind: 'check', sid: 's', token: 1, at: 'introspect-1', status: 200, outcome },
  ...{ invokedAt, completedAt: invokedAt + 10, ...rest },
});
export const end = (rest: Partial<End> = {}): End => ({
  ...{ kind: 'end', by: 'operator', sids: ['s'], outcome: 'ok', confirmed: false, status: 200 },
  ...{ invokedAt: 1_000, completedAt: 1_010, ...rest },
});
export const notice = (rest: Partial<Notice> = {}): Notice => ({
  kind: 'notice',
  at: 1_050,
  sid: 's',
  client: 'shop',
  answered: 200,
  ...rest,
});
export const fault = (rest: Partial<Fault> = {}): Fault => ({
  ...{ kind: 'fault', name: 'hole', target: 'introspect-1', from: 100, to: 9_000, blinds: ['introspect-1'] },
  ...rest,
});

export const history = (...steps: Step[]): History => ({ boundMs: BOUND_MS, instances: INSTANCES, healedAt: HEALED_AT, steps });

/** Asked everywhere after the bound, and refused. */
export const refusedEverywhere = (token = 1): Check[] => INSTANCES.map((at) => check(1_010 + BOUND_MS + 1, 'inactive', { at, token }));

/** A whole story without fault: born, asked, ended, told, refused everywhere. */
export const ended: readonly Step[] = [start(), mint(20), check(40, 'active'), end(), notice(), ...refusedEverywhere()];

/** A session that nobody ended, shown to live when all was whole again. */
export const alive: readonly Step[] = [
  start({ sid: 'l' }),
  mint(20, { sid: 'l', grant: 2, token: 2 }),
  mint(HEALED_AT + 1, { by: 'refresh', sid: 'l', grant: 2, token: 3 }),
  check(HEALED_AT + 20, 'active', { sid: 'l', token: 3 }),
];
