import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';

export interface Introspector {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  /** As the client registered it; undefined: JSON is asked for. */
  readonly signedBy?: 'RS256' | 'ES256';
}

/** What the library made of the answer; a signed one (RFC 9701) with its claims, its audience and its signature checked. */
export type Introspect = (who: Introspector, token: string) => Promise<Record<string, unknown>>;

export const LIBRARIES: readonly (readonly [string, Introspect])[] = [
  ['openid-client', byOpenidClient],
  ['oauth4webapi', byOauth4webapi],
];

async function byOpenidClient({ issuer, clientId, secret, signedBy }: Introspector, token: string): Promise<Record<string, unknown>> {
  const metadata = { client_secret: secret, ...(signedBy ? { introspection_signed_response_alg: signedBy } : {}) };
  const config = await oidc.discovery(new URL(issuer), clientId, metadata, oidc.ClientSecretBasic(secret), {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
  let type: string | null = null;
  config[oidc.customFetch] = async (url, options) => {
    const response = await fetch(url, options as RequestInit);
    if (url === config.serverMetadata().introspection_endpoint) type = response.headers.get('content-type');
    return response;
  };
  const answer = await oidc.tokenIntrospection(config, token);
  // It takes JSON for an answer, too, whatever was asked for.
  if (signedBy && type !== 'application/token-introspection+jwt') throw new Error(`asked for a signed answer, and got ${type}`);
  return answer;
}

async function byOauth4webapi({ issuer, clientId, secret, signedBy }: Introspector, token: string): Promise<Record<string, unknown>> {
  const insecure = { [oauth.allowInsecureRequests]: true } as const;
  const server = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure));
  const client: oauth.Client = { client_id: clientId, ...(signedBy ? { introspection_signed_response_alg: signedBy } : {}) };
  const options = { ...insecure, requestJwtResponse: signedBy !== undefined };
  const response = await oauth.introspectionRequest(server, client, oauth.ClientSecretBasic(secret), token, options);
  const answer = await oauth.processIntrospectionResponse(server, client, response);
  // Throws where the answer was no JWT.
  if (signedBy) await oauth.validateApplicationLevelSignature(server, response, insecure);
  return answer;
}
