import type { Tx } from '#libs/database';
import type { Lifetime } from './lifetimes.js';
import { CLOCK } from './session.store.js';

/** What a login brings to a session, new or renewed. */
export interface Opening {
  sid: string;
  sub: string;
  subject_gen: number;
  cookie_mac: string;
  remember: boolean;
  amr: string[];
  acr: string | null;
  ip: string | null;
  user_agent: string | null;
  lifetime: Lifetime;
}

const SECOND = "interval '1 second'";

/** Every time of the row is one reading of the clock. */
export async function insertSession(tx: Tx, opening: Opening): Promise<void> {
  await tx.query(
    `INSERT INTO session (sid, sub, subject_gen, cookie_mac, state, remember, amr, acr, ip, user_agent,
       auth_time, started_at, last_seen_at, absolute_deadline, idle_deadline)
     SELECT $1, $2, $3::int, $4, 'active', $5::bool, $6::text[], $7, $8, $9, c.now, c.now, c.now,
       c.now + $10::float8 * ${SECOND}, c.now + LEAST($10::float8, $11::float8) * ${SECOND} FROM ${CLOCK}`,
    parameters(opening),
  );
}

/**
 * The same user signed in again: the sid stays, the old cookie dies, and both lifetimes count from this login (they bound the time since
 * the last proof of who is there). The race: the caller holds the row and has judged it alive.
 */
export async function renewSession(tx: Tx, opening: Opening): Promise<void> {
  await tx.query(
    `UPDATE session s SET cookie_mac = $4, remember = $5::bool, amr = $6::text[], acr = $7, ip = $8, user_agent = $9,
       auth_time = c.now, last_seen_at = c.now, absolute_deadline = c.now + $10::float8 * ${SECOND},
       idle_deadline = c.now + LEAST($10::float8, $11::float8) * ${SECOND}
     FROM ${CLOCK} WHERE s.sid = $1 AND s.sub = $2 AND s.subject_gen = $3::int AND s.state = 'active'`,
    parameters(opening),
  );
}

function parameters(opening: Opening): unknown[] {
  const { sid, sub, subject_gen, cookie_mac, remember, amr, acr, ip, user_agent, lifetime } = opening;
  return [sid, sub, subject_gen, cookie_mac, remember, amr, acr, ip, user_agent, lifetime.max, lifetime.idle];
}
