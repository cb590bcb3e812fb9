import { Injectable } from '@nestjs/common';
import { tokenApi } from '#libs/contracts';
import { InternalClient } from '#libs/http';
import { BUILT_SIGNING_ALGS, oauthError } from '#libs/protocol';
import type { IntrospectionAnswer } from './access-token-answer.js';
import type { Caller } from './may-introspect.js';

export const SIGNED_TYPE = 'application/token-introspection+jwt';
/** What nearly every caller's header lacks. */
const NAMED = /token-introspection\+jwt/i;

/** RFC 9701 §4: the caller names the media type; with `q=0` it says that it will not have it (RFC 9110 §12.4.2). */
export function wantsSigned(accept: string | undefined): boolean {
  if (accept === undefined || !NAMED.test(accept)) return false;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === SIGNED_TYPE && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

/** RFC 9701 §5: the whole answer in one member, for one resource server. The token service signs, and sets `iss`, `iat` and `typ`. */
@Injectable()
export class SignedAnswer {
  constructor(private readonly internal: InternalClient) {}

  async sign(answer: IntrospectionAnswer, caller: Caller, requestId: string): Promise<string> {
    const alg = caller.signedResponseAlg ?? null;
    if (alg !== null && !(BUILT_SIGNING_ALGS as readonly string[]).includes(alg)) throw unknownAlg();
    const claims = { aud: caller.clientId, token_introspection: answer };
    const { jwt } = await this.internal.call(tokenApi.sign, { purpose: 'introspection_response', alg, claims }, { requestId });
    return jwt;
  }
}

function unknownAlg(): Error {
  return oauthError('unauthorized_client', {
    description: 'This client is registered with an introspection_signed_response_alg that is not available.',
  });
}
