import type { ServiceName, SignPurpose } from '#libs/contracts';
import { isSigningAlg, signJwt } from '#libs/keys';
import { oauthError } from '#libs/protocol';
import type { KeyService } from './key-service.js';
import { SIGN_RULES } from './sign-rules.js';

export interface SignRequest {
  readonly purpose: SignPurpose;
  /** null: RS256, what the registrations of all five kinds default to. */
  readonly alg: string | null;
  readonly claims: Record<string, unknown>;
}

/**
 * Signs what another service may say. `iss` and `typ` are the signer's, whatever the claims hold; `iat` is the caller's
 * database time or ours; `exp` never lies further ahead than the kind of token allows.
 */
export async function signForCaller(keys: KeyService, issuer: string, caller: ServiceName, request: SignRequest): Promise<string> {
  const rule = SIGN_RULES[request.purpose];
  if (rule.caller !== caller) throw oauthError('access_denied', { detail: `${caller} may not sign ${request.purpose}` });
  const alg = request.alg ?? 'RS256';
  if (!isSigningAlg(alg)) throw oauthError('invalid_request', { detail: `cannot sign ${request.purpose} with ${alg}` });
  const parsed = rule.claims.safeParse(request.claims);
  if (!parsed.success) throw oauthError('invalid_request', { detail: `claims of ${request.purpose}: ${parsed.error.message}` });
  const key = await keys.signingKeyFor(alg);
  return signJwt(
    key,
    { typ: rule.typ },
    withTimes({ ...parsed.data, iss: issuer }, Math.floor(keys.databaseNow() / 1_000), rule.lifetimeS),
  );
}

function withTimes(claims: Record<string, unknown>, now: number, lifetimeS: number | null): Record<string, unknown> {
  const iat = typeof claims.iat === 'number' ? claims.iat : now;
  if (lifetimeS === null) return { ...claims, iat };
  const latest = iat + lifetimeS;
  return { ...claims, iat, exp: typeof claims.exp === 'number' ? Math.min(claims.exp, latest) : latest };
}
