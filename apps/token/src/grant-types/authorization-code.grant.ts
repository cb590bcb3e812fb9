import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { Client } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import type { CodeContents } from '#libs/contracts';
import { randomId } from '#libs/database';
import { oauthError, onlineDeadline } from '#libs/protocol';
import { RedeemCode } from '../codes/redeem-code.js';
import { refreshPosition, tokenSid } from '../grants/grant.js';
import type { NewGrant } from '../grants/grant.store.js';
import { planGrant } from '../grants/plan-grant.js';
import { targetOf } from '../issuing/audience.js';
import type { Issuance } from '../issuing/issuance.js';
import { accessTokenTimes, offlineDeadline, type TokenTimes } from '../issuing/lifetimes.js';
import { narrowResources } from '../issuing/narrow-scope.js';
import { type Alive, SessionTruth } from '../liveness/session-truth.js';
import { Standing } from '../liveness/standing.js';
import { CHECKPOINTS, TOKEN_CONFIG } from '../ports.js';
import type { CodeRequest } from '../token/token-request.js';
import type { Asking, GrantType } from './grant-type.js';

/** RFC 6749 §4.1.3, RFC 7636 §4.5, OIDC Core §3.1.3. */
@Injectable()
export class AuthorizationCodeGrant implements GrantType<CodeRequest> {
  constructor(
    private readonly codes: RedeemCode,
    private readonly sessions: SessionTruth,
    private readonly standing: Standing,
    @Inject(TOKEN_CONFIG) private readonly config: Pick<TokenConfig, 'issuer'>,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async grant({ client, request, deadline }: Asking<CodeRequest>): Promise<Issuance> {
    // 1 · the code, for this client, this redirect URI and this verifier
    const redemption = { clientId: client.client_id, redirectUri: request.redirect_uri, verifier: request.code_verifier };
    const code = await this.codes.find(request.code, redemption);
    const { contents } = code;
    await this.checkpoints.reach('token.code.after-find');

    // 2 · what it gives, decided before anything is written
    const plan = planGrant(contents, client);
    const resources = narrowResources(contents.resources, request.resources);
    const target = targetOf({ scope: plan.scope, resources }, client.scopes, this.config.issuer);

    // 3 · truth, which records this client as a participant
    const alive = await this.sessions.alive(contents.sid, client.client_id);
    await this.checkpoints.reach('token.code.after-truth');
    const times = timesOf(alive, contents, client, plan.accessMode !== 'offline');
    const grant = newGrant(contents, client, plan, alive, times);
    const handles = {
      sub: grant.sub,
      clientId: client.client_id,
      sid: tokenSid(grant),
      gid: grant.gid,
      gen: [grant.subjectGen, client.gen] as const,
    };
    this.standing.refuseRevoked(handles);
    deadline.check();

    // 4 · consumption and grant in one transaction
    await this.codes.redeem(code, grant);
    await this.checkpoints.reach('token.code.after-grant');
    const { sub, sid, auth_time: authTime, amr, acr, nonce } = contents;
    return {
      flow: 'code',
      client,
      handles,
      target,
      times,
      authentication: { sub, sid, authTime, amr, acr, nonce },
      refresh: grant.refreshSeq === null ? null : refreshPosition(grant, grant.refreshSeq),
      byView: false,
    };
  }
}

function timesOf(alive: Alive, contents: CodeContents, client: Client, online: boolean): TokenTimes {
  const { session, dbTime } = alive;
  if (session.sub !== contents.sub) throw refused('the session is of another subject');
  const end = onlineDeadline(session, client.metadata);
  if (end <= dbTime) throw refused('the session is over for this client');
  const times = accessTokenTimes(dbTime, client.settings.access_token_ttl, online ? end : null);
  if (!times) throw refused('the session is over within the second');
  return times;
}

function newGrant(
  contents: CodeContents,
  client: Client,
  plan: ReturnType<typeof planGrant>,
  { session, dbTime }: Alive,
  { exp }: TokenTimes,
): NewGrant {
  const offline = offlineDeadline({ createdAt: dbTime, lastUsedAt: dbTime }, client.settings);
  return {
    gid: randomId(),
    clientId: client.client_id,
    sub: contents.sub,
    // The stricter of both: neither the code nor the session may lift what a revocation killed.
    subjectGen: Math.min(contents.subject_gen, session.subject_gen),
    sid: contents.sid,
    accessMode: plan.accessMode,
    consentId: contents.consent_id,
    scope: plan.scope,
    resources: contents.resources,
    authTime: contents.auth_time,
    amr: contents.amr,
    acr: contents.acr,
    refreshSeq: plan.refreshToken ? 1 : null,
    expiresAt: plan.accessMode === 'none' ? exp * 1_000 : plan.accessMode === 'offline' ? offline : session.absolute_deadline,
  };
}

function refused(detail: string): Error {
  return oauthError('invalid_grant', { detail });
}
