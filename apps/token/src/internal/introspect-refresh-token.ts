import { Inject, Injectable } from '@nestjs/common';
import { ClientDirectory } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import { Database } from '#libs/database';
import { OAuthError, onlineDeadline } from '#libs/protocol';
import { tokenSid } from '../grants/grant.js';
import { readGrant } from '../grants/grant.store.js';
import { judgeGrant } from '../grants/judge-grant.js';
import { offlineDeadline } from '../issuing/lifetimes.js';
import { scopeStillAllowed } from '../issuing/narrow-scope.js';
import { KeyService } from '../keys/key-service.js';
import { SessionUse } from '../liveness/session-use.js';
import { TOKEN_CONFIG } from '../ports.js';

export type RefreshTokenAnswer = { active: false } | ({ active: true } & Record<string, unknown>);

const INACTIVE: RefreshTokenAnswer = { active: false };

/**
 * RFC 7662 on a refresh token, for its own client only (DESIGN, Tokens): asked where it would be used, never answered from the view alone.
 * Reads only: introspecting is not using. A superseded number is inactive, also while a lost response could still be repeated with it.
 */
@Injectable()
export class IntrospectRefreshToken {
  constructor(
    private readonly db: Database,
    private readonly keys: KeyService,
    private readonly clients: ClientDirectory,
    private readonly sessions: SessionUse,
    @Inject(TOKEN_CONFIG) private readonly config: Pick<TokenConfig, 'issuer'>,
  ) {}

  async introspect(token: string, clientId: string): Promise<RefreshTokenAnswer> {
    const position = await this.keys.decodeRefreshToken(token);
    if (!position) return INACTIVE;
    const [client, found] = await Promise.all([this.clients.get(clientId), readGrant(this.db, position.gid)]);
    if (!client || client.disabled || !found || judgeGrant(found, client) !== null) return INACTIVE;
    const { grant } = found;
    if (tokenSid(grant) !== position.sid || position.seq < (grant.refreshSeq ?? 0)) return INACTIVE;
    const alive = await this.truth(position.sid);
    if (alive === 'dead') return INACTIVE;
    const end = alive ? onlineDeadline(alive.session, client.metadata) : offlineDeadline(grant, client.settings);
    if (alive && end <= alive.dbTime) return INACTIVE;
    if (this.sessions.standing.refuses({ ...grant, sid: position.sid, gen: [grant.subjectGen, client.gen] })) return INACTIVE;
    return {
      active: true,
      iss: this.config.issuer,
      client_id: grant.clientId,
      sub: grant.sub,
      scope: scopeStillAllowed(grant.scope, client.scopes).join(' '),
      iat: Math.floor(grant.createdAt / 1_000),
      exp: Math.floor(end / 1_000),
      ...(position.sid === null ? {} : { sid: position.sid }),
    };
  }

  private async truth(sid: string | null) {
    try {
      return await this.sessions.truth(sid);
    } catch (error) {
      if (error instanceof OAuthError && error.code === 'invalid_grant') return 'dead';
      throw error;
    }
  }
}
