import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oidc from 'openid-client';

/** What a web client keeps of one sign-in. */
export interface SignedIn {
  readonly tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;
  readonly claims: oidc.IDToken;
}

/** One authorization request on its way: what must match when the browser comes back. */
export interface Started {
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/**
 * A web application with `openid-client`: it serves the pages that a browser lands on and speaks to the endpoints that
 * discovery names. Nothing in it was written for this server.
 */
export class WebClient {
  private configuration: oidc.Configuration | undefined;

  private constructor(
    private readonly server: Server,
    readonly clientId: string,
    readonly secret: string | undefined,
  ) {}

  static async start(clientId: string, secret?: string): Promise<WebClient> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><title>${clientId}</title><h1>${clientId}: ${pathname}</h1>`);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new WebClient(server, clientId, secret);
  }

  get origin(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }
  get callback(): string {
    return `${this.origin}/callback`;
  }
  get signedOut(): string {
    return `${this.origin}/signed-out`;
  }
  isMine = (url: URL): boolean => url.origin === this.origin;

  /** Reads the metadata. Afterwards everything goes where it points. */
  async discover(issuer: string): Promise<oidc.Configuration> {
    const authentication = this.secret === undefined ? oidc.None() : oidc.ClientSecretBasic(this.secret);
    this.configuration = await oidc.discovery(new URL(issuer), this.clientId, this.secret, authentication, {
      execute: [oidc.allowInsecureRequests],
    });
    return this.configuration;
  }

  get config(): oidc.Configuration {
    if (!this.configuration) throw new Error(`${this.clientId} has not read the metadata`);
    return this.configuration;
  }

  async begin(scope: string, more: Record<string, string> = {}): Promise<Started> {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: this.callback,
      scope,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    });
    return { url, verifier, state, nonce };
  }

  /** With the address the browser came back to. Checks state, nonce, `iss` and the ID token's signature. */
  async finish(started: Started, landed: URL): Promise<SignedIn> {
    const checks = {
      pkceCodeVerifier: started.verifier,
      expectedState: started.state,
      expectedNonce: started.nonce,
      idTokenExpected: true,
    };
    const tokens = await oidc.authorizationCodeGrant(this.config, landed, checks);
    const claims = tokens.claims();
    if (!claims) throw new Error('no ID token');
    return { tokens, claims };
  }

  refresh(refreshToken: string): Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers> {
    return oidc.refreshTokenGrant(this.config, refreshToken);
  }

  userinfo(accessToken: string): Promise<oidc.UserInfoResponse> {
    return oidc.fetchUserInfo(this.config, accessToken, oidc.skipSubjectCheck);
  }

  introspect(token: string): Promise<oidc.IntrospectionResponse> {
    return oidc.tokenIntrospection(this.config, token);
  }

  revoke(token: string): Promise<void> {
    return oidc.tokenRevocation(this.config, token);
  }

  logoutUrl(idToken: string, state: string): URL {
    return oidc.buildEndSessionUrl(this.config, { id_token_hint: idToken, post_logout_redirect_uri: this.signedOut, state });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
