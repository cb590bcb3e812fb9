import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { Client } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import { Database } from '#libs/database';
import { oauthError, onlineDeadline } from '#libs/protocol';
import { AdvanceRefresh } from '../grants/advance-refresh.js';
import { type Grant, type ReadGrant, refreshPosition, tokenSid } from '../grants/grant.js';
import { readGrant } from '../grants/grant.store.js';
import { judgeGrant } from '../grants/judge-grant.js';
import { type Target, targetOf } from '../issuing/audience.js';
import type { Authentication, Issuance } from '../issuing/issuance.js';
import { accessTokenTimes, offlineDeadline, type TokenTimes } from '../issuing/lifetimes.js';
import { narrowResources, narrowScope, scopeStillAllowed } from '../issuing/narrow-scope.js';
import { KeyService } from '../keys/key-service.js';
import type { Alive } from '../liveness/session-truth.js';
import { SessionUse } from '../liveness/session-use.js';
import type { Handles } from '../liveness/standing.js';
import { CHECKPOINTS, TOKEN_CONFIG } from '../ports.js';
import type { RefreshRequest } from '../token/token-request.js';
import type { Asking, GrantType } from './grant-type.js';

/** RFC 6749 §6 in the order of DESIGN, "Refresh token". Client authentication and proof are behind us. */
@Injectable()
export class RefreshTokenGrant implements GrantType<RefreshRequest> {
  constructor(
    private readonly db: Database,
    private readonly keys: KeyService,
    private readonly sessions: SessionUse,
    private readonly advance: AdvanceRefresh,
    @Inject(TOKEN_CONFIG) private readonly config: Pick<TokenConfig, 'issuer'>,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async grant({ client, request, deadline }: Asking<RefreshRequest>): Promise<Issuance> {
    // 1 · what is presented: whole, unaltered, ours
    const position = await this.keys.decodeRefreshToken(request.refresh_token);
    if (!position) throw refused('not a refresh token of ours');

    // 2 · truth and the grant row, side by side
    const [alive, found] = await Promise.all([this.sessions.truth(position.sid), readGrant(this.db, position.gid)]);
    await this.checkpoints.reach('token.refresh.after-truth');

    // 3 · whether this client may use this grant, and for what; nothing has been written
    const read = usable(found, position.sid, client, alive);
    const handles = handlesOf(read.grant, client);
    this.sessions.standing.refuseRevoked(handles);
    const target = this.target(read.grant, client, request);
    deadline.check();

    // 4 · classify and rotate
    const expiresAt = (grant: Grant, now: number) =>
      alive?.session.absolute_deadline ?? offlineDeadline({ ...grant, lastUsedAt: now }, client.settings);
    const attempt = { client, presented: position.seq, ageMs: () => deadline.ageMs, expiresAt };
    const { successor, dbTime } = await this.advance.advance(read, attempt);
    await this.checkpoints.reach('token.refresh.after-rotate');

    // 5 · a refresh is activity; what it answers bounds the tokens
    const touched = alive && (await this.sessions.touchIfDue(alive, client));
    await this.checkpoints.reach('token.refresh.after-touch');
    return {
      flow: 'refresh',
      client,
      handles,
      target,
      times: timesOf(touched, dbTime, client),
      authentication: authenticationOf(read.grant),
      refresh: successor === null ? null : refreshPosition(read.grant, successor),
      byView: touched === null,
    };
  }

  private target(grant: Grant, client: Client, request: RefreshRequest): Target {
    const scope = scopeStillAllowed(narrowScope(grant.scope, request.scope), client.scopes);
    return targetOf({ scope, resources: narrowResources(grant.resources, request.resources) }, client.scopes, this.config.issuer);
  }
}

function usable(found: ReadGrant | null, sid: string | null, client: Client, alive: Alive | null): ReadGrant {
  if (!found) throw refused('no such grant');
  const refusal = judgeGrant(found, client);
  if (refusal) throw refused(refusal);
  if (tokenSid(found.grant) !== sid) throw refused('the grant hangs from something else');
  if (alive && alive.session.sub !== found.grant.sub) throw refused('the session is of another subject');
  if (alive && onlineDeadline(alive.session, client.metadata) <= alive.dbTime) throw refused('the session is over for this client');
  return found;
}

function timesOf(alive: Alive | null, dbTime: number, client: Client): TokenTimes {
  const times = alive
    ? accessTokenTimes(alive.dbTime, client.settings.access_token_ttl, onlineDeadline(alive.session, client.metadata))
    : accessTokenTimes(dbTime, client.settings.access_token_ttl, null);
  if (!times) throw refused('the session is over within the second');
  return times;
}

function handlesOf(grant: Grant, client: Client): Handles {
  return { sub: grant.sub, clientId: client.client_id, sid: tokenSid(grant), gid: grant.gid, gen: [grant.subjectGen, client.gen] };
}

function authenticationOf({ sub, sid, authTime, amr, acr }: Grant): Authentication {
  return { sub, sid, authTime, amr, acr, nonce: null };
}

function refused(detail: string): Error {
  return oauthError('invalid_grant', { detail });
}
