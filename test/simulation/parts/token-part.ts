import { type ClientAuthenticator, ClientDirectory, OriginDirectory } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import { authApi, tokenApi } from '#libs/contracts';
import { type LogOwner, Outbox } from '#libs/event-log';
import { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { OnClientChanged } from '../../../apps/token/src/cascade/on-client-changed.consumer.js';
import { OnSessionEnded } from '../../../apps/token/src/cascade/on-session-ended.consumer.js';
import { OnSubjectChanged } from '../../../apps/token/src/cascade/on-subject-changed.consumer.js';
import { IssueCode } from '../../../apps/token/src/codes/issue-code.js';
import { RedeemCode } from '../../../apps/token/src/codes/redeem-code.js';
import { AuthorizationCodeGrant } from '../../../apps/token/src/grant-types/authorization-code.grant.js';
import type { ClientCredentialsGrant } from '../../../apps/token/src/grant-types/client-credentials.grant.js';
import { GrantTypes } from '../../../apps/token/src/grant-types/grant-types.js';
import { RefreshTokenGrant } from '../../../apps/token/src/grant-types/refresh-token.grant.js';
import { AdvanceRefresh } from '../../../apps/token/src/grants/advance-refresh.js';
import { Announce } from '../../../apps/token/src/grants/announce.js';
import { Revocations } from '../../../apps/token/src/grants/revocations.js';
import { IssueTokens } from '../../../apps/token/src/issuing/issue-tokens.js';
import { signForCaller } from '../../../apps/token/src/keys/sign-for-caller.js';
import { SessionTruth } from '../../../apps/token/src/liveness/session-truth.js';
import { SessionUse } from '../../../apps/token/src/liveness/session-use.js';
import { Standing } from '../../../apps/token/src/liveness/standing.js';
import { RevocationEndpoint } from '../../../apps/token/src/revocation/revocation.endpoint.js';
import { Deadline } from '../../../apps/token/src/token/deadline.js';
import { TokenEndpoint } from '../../../apps/token/src/token/token.endpoint.js';
import { groupReader } from '../group-port.js';
import type { Handler } from '../network.js';
import type { Process } from '../scheduler.js';
import { ISSUER, SETTINGS } from '../settings.js';
import type { SimulatedDatabase } from '../simulated-database.js';
import { CHECKS, clientOf, confirmerOf, databaseOf, type Ground, LOG, PEPPER, type Running, relayOf, viewOf } from './parts.js';

export type Form = Record<string, string>;

const CONFIG = { issuer: ISSUER } as TokenConfig;

/** The token service behind its listener; who asks is believed (secrets are hashed elsewhere), what they may is not. */
export function tokenPart(ground: Ground, process: Process, skewMs: number): Running {
  const { keys, clock } = ground;
  const db = databaseOf(ground, process, 'token');
  const internal = clientOf(ground, process);
  const { views, chores, handlers: hints } = viewOf(ground, process, 'token', skewMs);
  const { relay, chores: relaying } = relayOf(ground, process, db, 'token');
  const source = { read: async (client_id: string) => (await internal.call(authApi.client, { client_id })).client };
  const directory = new ClientDirectory({ source, settings: SETTINGS, view: views.view, now: () => clock.now });
  views.onClientChanged((clientId) => directory.changed(clientId));
  const announce = new Announce({ relay } as LogOwner, confirmerOf(ground, process, views), CHECKS);
  const revocations = new Revocations(db, new Outbox('token', ground.kafka?.partitions), announce, LOG);
  const truth = new SessionTruth(internal);
  const standing = new Standing(views);
  const authenticator = believing(directory);
  const refresh = new RefreshTokenGrant(
    db,
    keys,
    new SessionUse(truth, standing),
    new AdvanceRefresh(db, revocations, CHECKS),
    CONFIG,
    CHECKS,
  );
  const code = new AuthorizationCodeGrant(new RedeemCode(db, PEPPER, revocations, CHECKS), truth, standing, CONFIG, CHECKS);
  const grants = new GrantTypes(code, refresh, undefined as unknown as ClientCredentialsGrant);
  const endpoint = new TokenEndpoint(authenticator, grants, new IssueTokens(keys, CONFIG), standing, CHECKS);
  const revocation = new RevocationEndpoint(authenticator, keys, db, revocations, views);
  const codes = new IssueCode(db, PEPPER, directory, CHECKS);
  const call = (form: Form) => ({ authorization: undefined, form: Parameters.of(form), address: '192.0.2.1' });
  const handlers: [string, Handler][] = [
    [tokenApi.issueCode.path, async (contents) => ({ code: await codes.issue(contents) })],
    [tokenApi.sign.path, async (asked, caller) => ({ jwt: await signForCaller(keys, ISSUER, caller as 'session', asked) })],
    ['token', (form: Form) => endpoint.answer({ ...call(form), deadline: new Deadline(clock.now, () => clock.now) })],
    ['revoke', (form: Form) => revocation.revoke(call(form))],
    ...hints,
  ];
  return {
    process,
    handlers: new Map(handlers),
    chores: { ...chores, ...relaying, ...followers(ground, process, db, directory) },
    views,
  };
}

function followers(ground: Ground, process: Process, db: SimulatedDatabase, directory: ClientDirectory) {
  const ended = new OnSessionEnded(db, LOG, CHECKS);
  const subject = new OnSubjectChanged(db, LOG, CHECKS);
  const client = new OnClientChanged(directory, new OriginDirectory(() => Promise.resolve(false)), LOG);
  return {
    'follow session': groupReader(ground, process, db, 'token', 'session', {
      SessionEnded: (event) => ended.onSessionEnded(event as never),
    }),
    'follow auth': groupReader(ground, process, db, 'token', 'auth', {
      SubjectChanged: (event) => subject.onSubjectChanged(event as never),
      ClientChanged: async (event) => client.onClientChanged(event as never),
    }),
  };
}

/** Whoever says a client's name is that client. */
function believing(directory: ClientDirectory): ClientAuthenticator {
  const authenticate = async ({ params }: { params: Parameters }) => {
    const client = await directory.get(params.get('client_id') ?? '');
    if (!client || client.disabled) throw oauthError('invalid_client');
    return client;
  };
  return { authenticate } as unknown as ClientAuthenticator;
}
