import { authApi, type CodeContents, sessionApi, tokenApi } from '#libs/contracts';
import { Outbox } from '#libs/event-log';
import { InternalCallError } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { AfterChange } from '../../../apps/auth/src/changes/after-change.js';
import { AfterSubjectChange } from '../../../apps/auth/src/changes/after-subject-change.js';
import { ClientStore } from '../../../apps/auth/src/clients/clients.store.js';
import { SetSubjectDisabled } from '../../../apps/auth/src/users/set-subject-disabled.js';
import { UserStore } from '../../../apps/auth/src/users/users.store.js';
import type { Handler } from '../network.js';
import type { Process } from '../scheduler.js';
import { CHECKS, clientOf, confirmerOf, databaseOf, type Ground, LOG, type Running, relayOf } from './parts.js';

export const REDIRECT = 'https://client.example/callback';

export interface SignIn {
  sub: string;
  client_id: string;
  cookie: string | null;
  offline: boolean;
}

/** Auth as far as a session knows it: users, clients, the operator's switch, and a sign-in without its pages. */
export function authPart(ground: Ground, process: Process): Running {
  const db = databaseOf(ground, process, 'auth');
  const internal = clientOf(ground, process);
  const { relay, chores: relaying } = relayOf(ground, process, db, 'auth');
  const after = new AfterChange(relay, confirmerOf(ground, process, null), CHECKS);
  const users = new UserStore(db);
  const clients = new ClientStore(db);
  const switches = new SetSubjectDisabled(db, new Outbox('auth', ground.kafka?.partitions), new AfterSubjectChange(after, internal, LOG));

  const signIn = async ({ sub, client_id, cookie, offline }: SignIn) => {
    const user = await users.get(sub);
    if (!user || user.disabled) throw oauthError('access_denied', { detail: 'no such user, or disabled' });
    const asked = { sub, subject_gen: user.gen, remember: false, amr: ['pwd'], acr: null, cookie, ip: null, user_agent: null };
    const { session, cookie: next } = await internal.call(sessionApi.start, asked).catch(refusal);
    const { code } = await internal.call(
      tokenApi.issueCode,
      contentsOf(session.sid, { sub, client_id, offline, gen: user.gen, at: session.auth_time }),
    );
    return { sid: session.sid, cookie: next, code };
  };
  const handlers: [string, Handler][] = [
    ['sign-in', signIn as Handler],
    [authApi.client.path, async ({ client_id }: { client_id: string }) => ({ client: await clients.get(client_id) })],
    ['set-disabled', ({ sub, disabled }: { sub: string; disabled: boolean }) => switches.set({ sub, disabled, actor: 'operator' })],
  ];
  return { process, handlers: new Map(handlers), chores: { ...relaying }, views: null };
}

/** The user was switched off since auth read the record: the login is refused, and that is no defect. */
function refusal(error: unknown): never {
  if (error instanceof InternalCallError && error.kind === 'refused') throw oauthError('access_denied', { cause: error });
  throw error;
}

function contentsOf(sid: string, of: { sub: string; client_id: string; offline: boolean; gen: number; at: number }): CodeContents {
  return {
    client_id: of.client_id,
    redirect_uri: REDIRECT,
    redirect_uri_sent: false,
    sub: of.sub,
    subject_gen: of.gen,
    sid,
    scope: ['profile', of.offline ? 'offline_access' : 'online_access'],
    scope_narrowed: false,
    access_mode: of.offline ? 'offline' : 'online',
    consent_id: null,
    nonce: null,
    code_challenge: null,
    auth_time: of.at,
    amr: ['pwd'],
    acr: null,
    resources: [],
    auth_time_requested: false,
  };
}
