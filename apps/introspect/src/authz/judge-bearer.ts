import { Injectable } from '@nestjs/common';
import { oauthError, unavailable } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { judgeAccessToken } from '../introspection/judge-access-token.js';
import type { Caller } from '../introspection/may-introspect.js';
import { type Opened, OpenedAccessTokens, type Opening } from '../introspection/opened-access-tokens.js';
import type { Verdict } from '../introspection/verdict.js';
import type { RequiredAccess } from './required-access.js';

/** It may pass, unless it is judged otherwise when that is told. */
export interface Passed extends Verdict {
  readonly claims: Opened['claims'];
}

/** Whether a bearer may pass: a good token, for the API behind this gateway, with every scope asked for. */
@Injectable()
export class JudgeBearer {
  constructor(
    private readonly tokens: OpenedAccessTokens,
    private readonly views: ViewService,
  ) {}

  /** Throws what the challenge says: `invalid_token` or `insufficient_scope`; or `temporarily_unavailable`. */
  verdict(token: string, gateway: Caller, required: RequiredAccess): Passed | Promise<Passed> {
    const opening = this.tokens.open(token);
    return opening instanceof Promise
      ? opening.then((opened) => this.verdictOn(opened, gateway, required))
      : this.verdictOn(opening, gateway, required);
  }

  private verdictOn(opened: Opening, gateway: Caller, required: RequiredAccess): Passed {
    if (opened === 'unavailable') throw unavailable('the keys this token needs can not be fetched');
    if (opened === null) throw oauthError('invalid_token', { detail: 'not an access token of this issuer' });
    const { claims, answer, json } = opened;
    // 1. meant for what is behind this gateway; that the token was issued to the gateway's own client is no reason
    const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
    const mine = audiences.filter((api) => gateway.resourceServerFor.includes('*') || gateway.resourceServerFor.includes(api));
    if (mine.length === 0 || !required.audiences.every((api) => mine.includes(api))) {
      throw oauthError('invalid_token', { detail: 'for another audience' });
    }
    // 2. RFC 9449 §7.2: bound to a key, it is nobody's to bear
    if (claims.cnf !== undefined) throw oauthError('invalid_token', { detail: 'bound to a key and sent as a bearer token' });
    // 3. alive
    const judge = () => judgeAccessToken(claims, this.views.view);
    const judgement = judge();
    if (judgement === 'inactive') throw oauthError('invalid_token', { detail: 'expired, revoked or not valid yet' });
    // 4. enough
    const granted = claims.scope.split(' ');
    if (!required.scopes.every((scope) => granted.includes(scope))) throw oauthError('insufficient_scope');
    if (judgement === 'unknown') throw unavailable('the revocation view is not fresh');
    return { answer, json, judge, claims };
  }
}
