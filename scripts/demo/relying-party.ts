import * as oidc from 'openid-client';
import type { CatalogueClient } from '#libs/config';
import type { Place } from './person.js';

export interface Tokens {
  access: string;
  refresh: string;
  id: string;
  sub: string;
  scope: string;
}

/** A client application on the real client library: what the demonstration shows works with code that no one here wrote. */
export class RelyingParty {
  private constructor(
    readonly name: string,
    readonly client: CatalogueClient,
    readonly config: oidc.Configuration,
  ) {}

  static async of(issuer: string, client: CatalogueClient): Promise<RelyingParty> {
    const secret = client.secrets[0] ?? '';
    const method = client.metadata.token_endpoint_auth_method === 'client_secret_post' ? oidc.ClientSecretPost : oidc.ClientSecretBasic;
    const alg = client.metadata.id_token_signed_response_alg;
    const config = await oidc.discovery(
      new URL(issuer),
      client.clientId,
      { client_secret: secret, id_token_signed_response_alg: alg },
      method(secret),
      // The demonstration runs on loopback without TLS.
      { execute: [oidc.allowInsecureRequests] },
    );
    return new RelyingParty(client.metadata.client_name ?? client.clientId, client, config);
  }

  /** An authorization request with PKCE, and how to go on from where the browser comes back. */
  async authorize(extra: Record<string, string> = {}): Promise<{ url: URL; finish(place: Place): Promise<Tokens> }> {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: this.client.metadata.redirect_uris[0] ?? '',
      scope: this.client.metadata.scope,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...extra,
    });
    const finish = async (place: Place) => {
      if (!('sentTo' in place)) throw new Error(`${this.name}: the browser did not come back`);
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      return tokensOf(await oidc.authorizationCodeGrant(this.config, place.sentTo, checks));
    };
    return { url, finish };
  }

  /** `resource`: for that API alone (RFC 8707), in the form that it takes; without, for all that was granted. */
  async refresh(tokens: Tokens, resource?: string): Promise<Tokens> {
    const narrowed: Record<string, string> = resource === undefined ? {} : { resource };
    return tokensOf(await oidc.refreshTokenGrant(this.config, tokens.refresh, narrowed), tokens);
  }

  /** The error code of a refresh that must fail. */
  async refusedRefresh(tokens: Tokens): Promise<string> {
    try {
      await oidc.refreshTokenGrant(this.config, tokens.refresh);
      return 'accepted';
    } catch (error) {
      return error instanceof oidc.ResponseBodyError ? error.error : String(error);
    }
  }

  async introspect(token: string): Promise<oidc.IntrospectionResponse> {
    return oidc.tokenIntrospection(this.config, token);
  }

  async userinfoStatus(token: string): Promise<number> {
    const endpoint = this.config.serverMetadata().userinfo_endpoint ?? '';
    return (await fetch(endpoint, { headers: { authorization: `Bearer ${token}` } })).status;
  }

  logoutUrl(tokens: Tokens): URL {
    const back = this.client.metadata.post_logout_redirect_uris[0] ?? '';
    return oidc.buildEndSessionUrl(this.config, { id_token_hint: tokens.id, post_logout_redirect_uri: back });
  }
}

type Answer = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

function tokensOf(answer: Answer, before?: Tokens): Tokens {
  return {
    access: answer.access_token,
    refresh: answer.refresh_token ?? before?.refresh ?? '',
    id: answer.id_token ?? before?.id ?? '',
    sub: answer.claims()?.sub ?? before?.sub ?? '',
    scope: answer.scope ?? before?.scope ?? '',
  };
}
