import type { Checkpoints } from '#libs/checkpoints';
import { type CodeContents, type SessionView, tokenApi } from '#libs/contracts';
import type { InternalClient } from '#libs/http';
import type { AuthorizationRequest } from '../authorize/authorization-request.js';
import type { Granted } from './grant-of.js';

/** Has the code issued. The token service keeps what it stands for; truth is asked again when it is redeemed. */
export async function finish(
  { internal, checkpoints }: { internal: InternalClient; checkpoints: Checkpoints },
  request: AuthorizationRequest,
  session: SessionView,
  granted: Granted,
): Promise<string> {
  const contents: CodeContents = {
    client_id: request.client_id,
    redirect_uri: request.redirect_uri,
    redirect_uri_sent: request.redirect_uri_sent,
    sub: session.sub,
    subject_gen: session.subject_gen,
    sid: session.sid,
    scope: granted.scope,
    scope_narrowed: granted.narrowed,
    access_mode: granted.access,
    consent_id: granted.consent_id,
    nonce: request.nonce,
    code_challenge: request.code_challenge,
    auth_time: session.auth_time,
    amr: session.amr,
    acr: session.acr,
    resources: request.resources,
    auth_time_requested: request.auth_time_requested,
  };
  const { code } = await internal.call(tokenApi.issueCode, contents);
  await checkpoints.reach('auth.finish.after-code');
  return code;
}
