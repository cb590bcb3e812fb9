import type { ScopeRecord } from '#libs/contracts';
import { type AccessTokenFormat, oauthError } from '#libs/protocol';

/** For whom one access token is, and what it says to them. */
export interface Target {
  readonly aud: string | string[];
  readonly format: AccessTokenFormat;
  readonly scope: readonly string[];
}

export interface Asked {
  /** What this token may carry. */
  readonly scope: readonly string[];
  /** RFC 8707; empty: all APIs of the scopes. */
  readonly resources: readonly string[];
}

/**
 * DESIGN, "Decided": without `resource`, `aud` lists the APIs of the scopes, and the issuer where there is none. With it, the token
 * carries those APIs' scopes and the standard ones (RFC 8707 §2.2). An API that wants JWTs and one that doesn't can't share a
 * JWT: opaque serves both.
 */
export function targetOf({ scope, resources }: Asked, known: readonly ScopeRecord[], issuer: string): Target {
  const records = new Map(known.map((record) => [record.name, record]));
  const apiOf = (name: string) => records.get(name)?.api ?? null;
  if (resources.length === 0) {
    const apis = unique(scope.flatMap((name) => apiOf(name) ?? []));
    return { ...audience(apis, known, issuer), scope };
  }
  const apis = unique(resources);
  const unknown = apis.find((api) => !known.some((record) => record.api === api));
  if (unknown !== undefined) throw oauthError('invalid_target', { detail: 'a resource that this client has no scope of' });
  const kept = scope.filter((name) => {
    const api = apiOf(name);
    return api === null || apis.includes(api);
  });
  return { ...audience(apis, known, issuer), scope: kept };
}

function audience(apis: readonly string[], known: readonly ScopeRecord[], issuer: string): Pick<Target, 'aud' | 'format'> {
  const formats = new Set(apis.map((api) => known.find((record) => record.api === api)?.access_token_format ?? 'opaque'));
  const [only] = formats;
  const format = formats.size === 1 && only ? only : 'opaque';
  return { aud: apis.length > 1 ? [...apis] : (apis[0] ?? issuer), format };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
