import { READER_RULES } from '#libs/event-log';
import type { ViewService } from '#libs/revocation-host';
import type { Mutant } from './run-seed.js';

/** A rule taken out, and the promise that has to be seen broken. Nothing of it is in the product: a statement is altered on its way, or a port lies. */
export interface NamedMutant extends Mutant {
  name: string;
  breaks: RegExp;
  /** Where to begin, shortly before the first seed that sees it: saves the time of those that do not. */
  from?: number;
}

/** Takes words out of the statements that contain `where`. */
function without(where: string, words: string, instead = ''): Mutant {
  return { rewrite: (text) => (text.includes(where) ? text.replaceAll(words, instead) : text) };
}

/** The statement is never sent. */
function never(where: string): Mutant {
  return { rewrite: (text) => (text.includes(where) ? null : text) };
}

/** Sees itself as fresh, whatever it was told. */
function alwaysFresh(views: ViewService): ViewService {
  const { view } = views;
  return {
    view: new Proxy(view, { get: (of, name) => (name === 'freshness' ? () => ({ fresh: true }) : bound(of, name)) }),
  } as ViewService;
}

function bound(of: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name);
  return typeof value === 'function' ? value.bind(of) : value;
}

export const MUTANTS: readonly NamedMutant[] = [
  {
    name: 'a refresh that reads and then writes, without the condition on the number it read',
    ...without('UPDATE grants g SET refresh_seq', 'AND g.refresh_seq = $2::bigint'),
    from: 104,
    breaks: /S6/,
  },
  {
    name: 'a code that is consumed without asking whether it was',
    ...without('UPDATE authorization_codes a SET consumed_at', 'AND a.consumed_at IS NULL'),
    breaks: /S7/,
  },
  { name: 'an end that writes no deliveries', ...never('INSERT INTO delivery (sid, client_id'), breaks: /S9/ },
  { name: 'a participant recorded without FOR SHARE', ...without("state = 'active' FOR SHARE", 'FOR SHARE'), from: 143, breaks: /S9|S2/ },
  {
    name: 'an end that commits without its revocation entry',
    rewrite: (text, { name }) =>
      name === 'session' && text.includes('INSERT INTO session.outbox')
        ? text.replace('ORDER BY r.n', "WHERE r.stream <> 'revocations' ORDER BY r.n")
        : text,
    breaks: /S9/,
  },
  { name: 'a view that does not ask whether it is fresh', tamper: { views: alwaysFresh }, from: 47, breaks: /S8|S1/ },
  { name: 'an answer that is not judged again when it is sent', tamper: { noSecondJudgement: true }, from: 47, breaks: /S8|S1/ },
  { name: 'hints that are lost, and log readers that do not read', tamper: { deafReaders: true }, breaks: /L2/ },
  {
    name: 'a reader that takes the moment of its answer for the moment of its question',
    tamper: {
      reader: {
        tellings: (absorbed, ticket, sent) =>
          READER_RULES.tellings(absorbed, ticket, { monotonic: sent.monotonic + 5_000, wall: sent.wall + 5_000 }),
      },
    },
    from: 47,
    breaks: /S8|S1/,
  },
  {
    name: 'a reader that leaves out what has no number yet',
    tamper: {
      reader: {
        absorb: (state, plan, ticket, result, sent, horizon) =>
          READER_RULES.absorb(
            state,
            plan,
            ticket,
            { ...result, records: result.records.filter(({ pseq }) => pseq !== null) },
            sent,
            horizon,
          ),
      },
    },
    breaks: /S4/,
  },
  {
    name: 'a replay that revokes nothing',
    rewrite: (text, { name }) =>
      name === 'token' && text.startsWith('SELECT gid FROM grants WHERE gid = $1 AND revoked_at IS NULL') ? `${text} LIMIT 0` : text,
    breaks: /S6|S7|S11/,
  },
  {
    name: 'a truth that does not look whether the session has ended',
    ...without("s.state = 'active' AS active", "s.state = 'active' AS active", 'true AS active'),
    from: 169,
    breaks: /S2|S9/,
  },
  {
    name: 'a relay that numbers from one again',
    ...without('SELECT last_pseq FROM', 'SELECT last_pseq FROM', 'SELECT 0::bigint AS last_pseq FROM'),
    breaks: /S4|could not relay/,
  },
];
