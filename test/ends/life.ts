import { decodeJwt } from 'jose';
import { STORY, until } from '#libs/testing';
import { verifyLogoutToken } from '../actors/logout-token.js';
import type { TokenSet } from '../actors/raw-client.js';
import type { Person } from '../actors/sign-in.js';
import { UserAgent } from '../actors/user-agent.js';
import type { World } from '../world.js';

export const ONLINE = 'openid profile photos:read online_access';
export const OFFLINE = 'openid photos:read offline_access';

/** Tokens that do not expire in a test, and a wait for `confirmed` that a busy machine does not cut short: how long it takes is measured elsewhere. */
export const PATIENT = { access_token_ttl: 3_600, confirm_wait_ms: 1_500 };

/** One person in one browser: signed in at the shop (online) and at the backup (offline). */
export interface Life {
  readonly agent: UserAgent;
  readonly sid: string;
  readonly sub: string;
  readonly online: TokenSet;
  readonly offline: TokenSet;
}

export async function signedIn(world: World, person: Person = STORY.jane, agent = new UserAgent()): Promise<Life> {
  const online = await world.tokensFor(agent, world.shop, ONLINE, { person });
  const offline = await world.tokensFor(agent, world.backup, OFFLINE, { person, more: { prompt: 'consent' } });
  const { sid, sub } = (await world.raw('gateway').introspect(online.access_token)).body;
  return { agent, sid: String(sid), sub: String(sub), online, offline };
}

/** Introspection, userinfo, refresh: every place a token can be shown. */
export async function deadAt(
  world: World,
  client: 'photo-shop' | 'photo-backup',
  { access_token, refresh_token }: TokenSet,
): Promise<void> {
  expect(await world.isActive(access_token)).toBe(false);
  expect((await world.raw(client).userinfo(access_token)).status).toBe(401);
  expect(await world.raw(client).refresh(refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
}

export async function aliveAt(
  world: World,
  client: 'photo-shop' | 'photo-backup',
  { access_token, refresh_token }: TokenSet,
): Promise<void> {
  expect(await world.isActive(access_token)).toBe(true);
  expect((await world.raw(client).userinfo(access_token)).status).toBe(200);
  expect((await world.raw(client).refresh(refresh_token)).status).toBe(200);
}

/** The reason, wherever it travels: the session's row, its one event, the audit; and a verified logout token at each participant. */
export async function endedFor(
  world: World,
  sid: string,
  expected: { reason: string; initiated_by: string; actor: string },
): Promise<void> {
  const { reason, initiated_by, actor } = expected;
  const { database } = world.stand;
  const [row] = await database.query('SELECT state, end_reason, end_id FROM session.session WHERE sid = $1', [sid]);
  expect(row).toMatchObject({ state: 'ended', end_reason: reason });
  const events = await database.query("SELECT body FROM session.outbox WHERE name = 'SessionEnded' AND key = $1", [sid]);
  expect(events).toEqual([{ body: expect.objectContaining({ sid, reason, initiated_by, end_id: row?.end_id }) }]);
  const audit = await database.query("SELECT actor, reason FROM session.audit WHERE action = 'session.ended' AND target = $1", [sid]);
  expect(audit).toEqual([{ actor, reason }]);
  await Promise.all((['photo-shop', 'photo-backup'] as const).map((client) => logoutTokenAt(world, client, sid)));
}

export async function logoutTokenAt(world: World, clientId: 'photo-shop' | 'photo-backup', sid: string): Promise<void> {
  const { deliveries } = world.receivers[clientId];
  const mine = () => deliveries.find(({ logoutToken }) => decodeJwt(logoutToken).sid === sid);
  const { logoutToken } = await until(mine, { what: `a logout token for ${clientId}` });
  const claims = await verifyLogoutToken(logoutToken, { issuer: world.issuer, clientId, jwksUri: world.metadata.jwks_uri });
  expect(claims.sid).toBe(sid);
}

/** Whether the browser's cookie is still good for single sign-on. */
export async function staysSignedIn(world: World, agent: UserAgent): Promise<boolean> {
  const { code, error } = await world.signInAt(agent, world.shop, ONLINE, { more: { prompt: 'none' } });
  expect([code !== null, error]).toEqual(code === null ? [false, 'login_required'] : [true, null]);
  return code !== null;
}
