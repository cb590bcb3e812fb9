import { randomBytes } from 'node:crypto';
import { Operator } from '../actors/operator.js';
import { type Answer, RawClient } from '../actors/raw-client.js';
import type { Person } from '../actors/sign-in.js';
import type { UserAgent } from '../actors/user-agent.js';
import type { World } from '../world.js';

/** One row of the lists of others' mistakes: registers its sentences; the four services are up when they run. */
export type Row = (world: () => World) => void;

export const SCOPE = 'openid photos:read online_access';
export const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };

/** Somebody of this row alone, whom it may disable or lock out. */
export async function newcomer(world: World): Promise<Person & { sub: string }> {
  const person = { username: `somebody-${randomBytes(4).toString('hex')}`, password: 'a password of this row alone' };
  const { status, body } = await new Operator(world.services).call('auth', 'POST', '/admin/users', person);
  if (status !== 201) throw new Error(`no user: ${status} ${JSON.stringify(body)}`);
  return { ...person, sub: String(body.sub) };
}

/** A client of this row alone, registered by the admin API. */
export async function newClient(world: World, metadata: Record<string, unknown>): Promise<RawClient & { answer: Answer }> {
  const client_id = `client-${randomBytes(4).toString('hex')}`;
  const answer = await new Operator(world.services).call('auth', 'POST', '/admin/clients', { client_id, metadata });
  return Object.assign(new RawClient(world.endpoints, client_id, String(answer.body.client_secret)), { answer });
}

export const webMetadata = (redirectUri: string, scope: string) => ({
  application_type: 'web',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  scope,
});

export async function claimsOf(world: World, accessToken: string): Promise<Record<string, unknown>> {
  return (await world.raw('gateway').introspect(accessToken)).body;
}

/** A copy of what the browser sends. */
export function copyCookies(from: UserAgent, to: UserAgent): UserAgent {
  for (const [name, value] of from.cookies()) to.setCookie(name, value);
  return to;
}

export async function restart(world: World, service: 'auth' | 'session' | 'token' | 'introspect'): Promise<void> {
  await world.services.stopOne(service);
  await world.services.start(service);
  await world.stand.ready(service);
}
