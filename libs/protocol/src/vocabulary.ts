/** Grant types by their registered names; BUILT are those the token endpoint has a file for. */
export const GRANT_TYPES = {
  authorizationCode: 'authorization_code',
  refreshToken: 'refresh_token',
  clientCredentials: 'client_credentials',
  implicit: 'implicit',
  password: 'password',
  deviceCode: 'urn:ietf:params:oauth:grant-type:device_code',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  saml2Bearer: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
  ciba: 'urn:openid:params:grant-type:ciba',
} as const;
export type GrantType = (typeof GRANT_TYPES)[keyof typeof GRANT_TYPES];
export const BUILT_GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const satisfies readonly GrantType[];

/** OAuth 2.0 Multiple Response Types §5; the members of a type are written in alphabetical order here. */
export const RESPONSE_TYPES = [
  'code',
  'token',
  'id_token',
  'none',
  'code id_token',
  'code token',
  'id_token token',
  'code id_token token',
] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];
export const BUILT_RESPONSE_TYPES = ['code'] as const satisfies readonly ResponseType[];

/** The order of its members does not matter (Multiple Response Types §3). */
export function normalResponseType(text: string): string {
  return text.split(' ').filter(Boolean).sort().join(' ');
}

export const RESPONSE_MODES = ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'] as const;
export const BUILT_RESPONSE_MODES = ['query'] as const;

/** OIDC Core §3.1.2.1, and `create` of Initiating User Registration. */
export const PROMPTS = ['none', 'login', 'consent', 'select_account', 'create'] as const;
export type Prompt = (typeof PROMPTS)[number];

/** null = malformed: an unknown value, or `none` together with another. */
export function parsePrompt(text: string | undefined): Prompt[] | null {
  const names = [...new Set((text ?? '').split(' ').filter(Boolean))];
  if (!names.every((name): name is Prompt => (PROMPTS as readonly string[]).includes(name))) return null;
  return names.includes('none') && names.length > 1 ? null : names;
}

export const AUTH_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'none',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];
export const BUILT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'none'] as const satisfies readonly AuthMethod[];
export type BuiltAuthMethod = (typeof BUILT_AUTH_METHODS)[number];

export const SIGNING_ALGS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'HS256',
  'HS384',
  'HS512',
] as const;
/** What the key service can sign with. */
export const BUILT_SIGNING_ALGS = ['RS256', 'ES256', 'PS256', 'EdDSA'] as const satisfies readonly (typeof SIGNING_ALGS)[number][];
/** OIDC registration §2: RS256 where the client says nothing. */
export const DEFAULT_ID_TOKEN_ALG = 'RS256';

/** The four kinds of client; `browser` and `service` are ours. */
export const APPLICATION_TYPES = ['web', 'native', 'browser', 'service'] as const;
export type ApplicationType = (typeof APPLICATION_TYPES)[number];

export const ACCESS_TOKEN_FORMATS = ['opaque', 'jwt'] as const;
export type AccessTokenFormat = (typeof ACCESS_TOKEN_FORMATS)[number];
