import * as oidc from 'openid-client';

/** The photo API as far as tokens go: it introspects what it is shown (RFC 7662), by `openid-client`. */
export class ResourceServer {
  private constructor(private readonly config: oidc.Configuration) {}

  static async start(issuer: string, clientId: string, secret: string): Promise<ResourceServer> {
    return new ResourceServer(
      await oidc.discovery(new URL(issuer), clientId, secret, oidc.ClientSecretBasic(secret), { execute: [oidc.allowInsecureRequests] }),
    );
  }

  introspect(token: string): Promise<oidc.IntrospectionResponse> {
    return oidc.tokenIntrospection(this.config, token);
  }
}
