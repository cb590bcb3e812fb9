import { until } from '#libs/testing';
import { verifyLogoutToken } from '../../actors/logout-token.js';
import type { TokenSet } from '../../actors/raw-client.js';
import { UserAgent } from '../../actors/user-agent.js';
import type { Killing } from './killing.js';

export const SCOPE = 'openid photos:read online_access';
export const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };
const APPLICATIONS = ['photo-shop', 'photo-book'] as const;
/** What a killed process had claimed is free again after this, by the database's clock. */
const CLAIM_MS = 31_000;

/** Jane, signed in once, and the tokens of the applications that took part. */
export interface Story {
  readonly agent: UserAgent;
  readonly sid: string;
  readonly tokens: Partial<Record<(typeof APPLICATIONS)[number], TokenSet>>;
  readonly told: Readonly<Record<(typeof APPLICATIONS)[number], number>>;
}

export async function signedIn(killing: Killing): Promise<Story & { tokens: Required<Story['tokens']> }> {
  const { world } = killing;
  const agent = new UserAgent();
  const shop = await world.tokensFor(agent, world.shop, SCOPE);
  const book = await world.tokensFor(agent, world.book, SCOPE);
  await killing.quiet();
  return { ...(await storyOf(killing, agent, shop)), tokens: { 'photo-shop': shop, 'photo-book': book } };
}

/** Of a sign-in whose tokens a flow got by itself. */
export async function storyOf({ world }: Killing, agent: UserAgent, shop: TokenSet): Promise<Story> {
  const { body } = await world.patient('gateway').introspect(shop.access_token);
  expect(body.active).toBe(true);
  const [ofShop, ofBook] = APPLICATIONS.map((name) => world.receivers[name].deliveries.length);
  const told = { 'photo-shop': ofShop ?? 0, 'photo-book': ofBook ?? 0 };
  return { agent, sid: String(body.sid), tokens: { 'photo-shop': shop }, told };
}

/** Nothing the crash left stands in the way of an end: it is done once and for good, and reaches everything (S3, S9). */
export async function endAndExpectAll(killing: Killing, story: Story): Promise<void> {
  expect(await killing.end(story.sid)).toMatchObject({ ended: true });
  await expectAllEnded(killing, story);
}

/** With whatever was killed running again: every token dead, every grant retired, every application told, one event. */
export async function expectAllEnded(killing: Killing, { sid, tokens, told }: Story): Promise<void> {
  const { world } = killing;
  for (const name of APPLICATIONS) {
    const set = tokens[name];
    if (!set) continue;
    await until(async () => !(await world.isActive(set.access_token)), { what: `${name}: access token inactive` });
    expect(await world.patient(name).refresh(set.refresh_token)).toMatchObject(INVALID_GRANT);
    expect((await world.patient(name).userinfo(set.access_token)).status).toBe(401);
  }
  const live = () => killing.count('SELECT count(*) FROM token.grants WHERE sid = $1 AND revoked_at IS NULL', [sid]);
  await until(async () => (await live()) === 0, { what: 'the token service has retired the grants', timeoutMs: 20_000 });
  const ended = () => killing.count("SELECT count(*) FROM session.session WHERE sid = $1 AND state = 'ended'", [sid]);
  await until(async () => (await ended()) === 1, { what: 'the session has ended', timeoutMs: 20_000 });
  await expectToldOnce(killing, sid, tokens, told);
  expect(await killing.count("SELECT count(*) FROM session.outbox WHERE name = 'SessionEnded' AND key = $1", [sid])).toBe(1);
}

/** One delivery per application, all acknowledged. A logout token may arrive twice where the crash came between sending and settling. */
async function expectToldOnce(killing: Killing, sid: string, tokens: Story['tokens'], told: Story['told']): Promise<void> {
  const { world } = killing;
  if ((await world.openDeliveries()) > 0) await world.advance(CLAIM_MS);
  await world.everybodyTold();
  for (const name of APPLICATIONS) {
    if (!tokens[name]) continue;
    expect(await killing.count('SELECT count(*) FROM session.delivery WHERE sid = $1 AND client_id = $2', [sid, name])).toBe(1);
    const mine = (await world.receivers[name].received(told[name] + 1, { timeoutMs: 30_000 })).slice(told[name]);
    const verified = mine.map(({ logoutToken }) =>
      verifyLogoutToken(logoutToken, { issuer: world.issuer, clientId: name, jwksUri: world.metadata.jwks_uri }),
    );
    expect((await Promise.all(verified)).map((token) => token.sid)).toContain(sid);
  }
}
