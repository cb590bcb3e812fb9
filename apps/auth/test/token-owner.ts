import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sessionApi, tokenApi, type WrappedSealingKey } from '#libs/contracts';
import { randomId } from '#libs/database';
import { generateSigningKey, Kek, type SigningKey, signJwt } from '#libs/keys';
import type { AccessTokenClaims } from '#libs/protocol';
import { newSealingKeyBytes, sealAccessToken, sealingKey, wrapSealingKey } from '#libs/sealing';

/**
 * What auth asks of the token service about access tokens, over real HTTP and by the contract's paths, and the tokens that go with it.
 * The session service's registry of views is answered as well; there is nothing else of it.
 */
export class TokenOwner {
  readonly asked = new Map<string, number>();
  /** Connections are cut without an answer, as by a process that is gone. */
  down = false;
  private sealing = { kid: '', bytes: newSealingKeyBytes() };
  private wrapped: WrappedSealingKey[] = [];
  private signing!: SigningKey;

  private constructor(
    private readonly server: Server,
    private readonly kek: Kek,
    private readonly issuer: string,
  ) {}

  static async start(issuer: string, sealingKek: Buffer): Promise<TokenOwner> {
    const server = createServer();
    const owner = new TokenOwner(server, Kek.local(sealingKek, 'LANYARD_SEALING_KEK'), issuer);
    owner.signing = await generateSigningKey('ES256');
    await owner.rotateSealingKey();
    server.on('request', async (request, response) => {
      if (owner.down) return void request.socket.destroy();
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const path = request.url ?? '';
      owner.asked.set(path, (owner.asked.get(path) ?? 0) + 1);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(owner.answer(path, JSON.parse(body) as Record<string, unknown>)));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return owner;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A key that nobody has been told of yet. */
  async rotateSealingKey(): Promise<void> {
    const kid = randomId();
    const bytes = newSealingKeyBytes();
    const wrapped = await wrapSealingKey(this.kek, kid, bytes);
    this.wrapped.push({ kid, wrapped, state: 'active', activates_at: 0, removed_after: null });
    this.sealing = { kid, bytes };
  }

  opaque(claims: AccessTokenClaims): string {
    return sealAccessToken(claims, sealingKey(this.sealing.kid, this.sealing.bytes, 'active'));
  }

  jwt(claims: AccessTokenClaims, typ = 'at+jwt', key = this.signing): string {
    return signJwt(key, { typ }, { ...claims });
  }

  /** As /jwks shows them. */
  get publicKeys(): { keys: Record<string, unknown>[] } {
    return { keys: [{ ...this.signing.publicJwk }] };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string, request: Record<string, unknown>): unknown {
    if (path === sessionApi.registerView.path) return { lease_ms: 2_000 };
    if (path === tokenApi.sealingKeys.path) return { keys: this.wrapped };
    if (path === tokenApi.publicKeys.path) return this.publicKeys;
    if (path === tokenApi.sign.path) {
      const claims = { ...(request.claims as Record<string, unknown>), iss: this.issuer };
      return { jwt: signJwt(this.signing, { typ: 'JWT' }, claims) };
    }
    return {};
  }
}
