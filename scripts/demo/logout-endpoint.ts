import { createServer, type Server } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { RelyingParty } from './relying-party.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

export interface Notice {
  /** performance.now() when the token was in. */
  at: number;
  sid: string;
  sub: string;
}

/** A client's back-channel logout endpoint: takes a logout token, validates it as OIDC Back-Channel Logout 1.0 §2.6 says. */
export class LogoutEndpoint {
  readonly first: Promise<Notice>;
  private readonly server: Server;

  constructor(party: RelyingParty) {
    const metadata = party.config.serverMetadata();
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri ?? ''));
    let tell: (notice: Notice) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    this.first = new Promise((resolve, reject) => {
      [tell, fail] = [resolve, reject];
    });
    this.first.catch(() => undefined);
    this.server = createServer(async (request, response) => {
      const at = performance.now();
      try {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const token = new URLSearchParams(body).get('logout_token') ?? '';
        const options = {
          issuer: metadata.issuer,
          audience: party.client.clientId,
          typ: 'logout+jwt',
          requiredClaims: ['iat', 'exp', 'jti'],
        };
        const { payload } = await jwtVerify(token, keys, options);
        const events = payload.events as Record<string, unknown> | undefined;
        if (!events?.[EVENT] || 'nonce' in payload) throw new Error('not a logout token');
        response.writeHead(200, { 'cache-control': 'no-store' }).end();
        tell({ at, sid: String(payload.sid), sub: String(payload.sub) });
      } catch (error) {
        response.writeHead(400, { 'cache-control': 'no-store' }).end();
        fail(error);
      }
    });
  }

  async listen(uri: string): Promise<void> {
    const { port } = new URL(uri);
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', () => reject(new Error(`port ${port}, where ${uri} must be, is taken by another program`)));
      this.server.listen(Number(port), '127.0.0.1', resolve);
    });
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
