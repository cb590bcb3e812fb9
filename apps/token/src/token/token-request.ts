import { z } from 'zod';
import type { Parameters } from '#libs/http';
import { BUILT_GRANT_TYPES, isScopeToken, oauthError, parseScope } from '#libs/protocol';

export type BuiltGrantType = (typeof BUILT_GRANT_TYPES)[number];

/** Longer than anything of ours; bounds the work on what can't be ours anyway. */
const MAX_VALUE = 4_096;
const value = z.string().min(1).max(MAX_VALUE);
/** RFC 8707 §2: an absolute URI without a fragment. Compared as it is written. */
const resources = z.array(z.string().max(2_048)).max(20);
const scope = z.array(z.string().refine(isScopeToken)).nullable();

const codeRequest = z.object({
  grant_type: z.literal('authorization_code'),
  code: value,
  redirect_uri: z.string().nullable(),
  code_verifier: z.string().nullable(),
  resources,
});
const refreshRequest = z.object({ grant_type: z.literal('refresh_token'), refresh_token: value, scope, resources });
const credentialsRequest = z.object({ grant_type: z.literal('client_credentials'), scope, resources });
const tokenRequest = z.discriminatedUnion('grant_type', [codeRequest, refreshRequest, credentialsRequest]);

export type TokenRequest = z.infer<typeof tokenRequest>;
export type CodeRequest = z.infer<typeof codeRequest>;
export type RefreshRequest = z.infer<typeof refreshRequest>;
export type CredentialsRequest = z.infer<typeof credentialsRequest>;

/** RFC 6749 §5.2: a missing grant_type is a malformed request, an unknown one has an error of its own. */
export function grantTypeOf(form: Parameters): BuiltGrantType {
  const asked = form.get('grant_type');
  if (asked === undefined) throw oauthError('invalid_request', { description: 'The grant_type is missing.' });
  const known = BUILT_GRANT_TYPES.find((name) => name === asked);
  if (!known) throw oauthError('unsupported_grant_type');
  return known;
}

/** The form as one typed request; nothing below sees a body. */
export function parseTokenRequest(form: Parameters, grant_type: BuiltGrantType): TokenRequest {
  const parsed = tokenRequest.safeParse({
    grant_type,
    code: form.get('code'),
    redirect_uri: form.get('redirect_uri') ?? null,
    code_verifier: form.get('code_verifier') ?? null,
    refresh_token: form.get('refresh_token'),
    // RFC 6749 §4.1.3 gives a code request no scope; §3.2: what isn't recognised is ignored, malformed or not.
    scope: grant_type !== 'authorization_code' && form.has('scope') ? parseScope(form.get('scope')) : null,
    resources: form.getAll('resource'),
  });
  if (parsed.success) return parsed.data;
  const place = String(parsed.error.issues[0]?.path[0] ?? 'request');
  const name = place === 'resources' ? 'resource' : place;
  throw oauthError('invalid_request', { description: `The parameter ${name} is missing or malformed.` });
}
