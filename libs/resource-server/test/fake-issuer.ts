import type { IncomingMessage, ServerResponse } from 'node:http';
import { generateSigningKey, type SigningKey, signJwt } from '#libs/keys';
import { createResourceServer, type ResourceServer, type ResourceServerOptions } from '#libs/resource-server';
import { newSealingKeyBytes, type SealingKey, sealAccessToken, sealingKey } from '#libs/sealing';
import { until } from '#libs/testing';
import { type Certificate, FakeFeed, listening } from './fake-feed.js';

export const AUDIENCE = 'https://photos.example/api';
export const LONG = { timeoutMs: 20_000 };
let ids = 0;

interface Said {
  readonly status: number;
  readonly body: string;
}

type Claims = Record<string, unknown>;

/** The server as a resource server sees it: metadata, keys, introspection and the feed, each as wrong as a spec wants it. Tokens are made as the server makes them. */
export class FakeIssuer {
  readonly feed = new FakeFeed();
  /** Tokens that were asked about. */
  readonly asked: string[] = [];
  jwksReadings = 0;
  /** Null: it never answers. */
  jwks: () => Said | null = () => this.ok({ keys: [this.signing.publicJwk] });
  introspection: (token: string) => Said | null | Promise<Said | null> = (token) => this.verdictOn(token);
  readonly claims = new Map<string, Claims>();
  readonly servers: ResourceServer[] = [];
  readonly troubles: string[] = [];

  private constructor(
    public signing: SigningKey,
    public sealing: SealingKey,
    private readonly at: Awaited<ReturnType<typeof listening>>,
  ) {}

  static async start(certificate?: Certificate): Promise<FakeIssuer> {
    const signing = await generateSigningKey('ES256');
    const at = await listening((request, response) => void issuer.answer(request, response), certificate);
    const issuer: FakeIssuer = new FakeIssuer(signing, sealingKey('sealing-1', newSealingKeyBytes(), 'active'), at);
    issuer.feed.beat();
    return issuer;
  }

  get url(): string {
    return this.at.origin;
  }

  /** Open at this moment. */
  connections(): Promise<number> {
    return this.at.connections();
  }

  /** To whoever connects from now on. */
  present(certificate: Certificate): void {
    this.at.present(certificate);
  }

  ok(body: object): Said {
    return { status: 200, body: JSON.stringify(body) };
  }

  verdictOn(token: string): Said {
    return this.ok(this.claims.get(token) ?? { active: false });
  }

  /** Introspection waits; what it answers with then is the verdict of now. */
  hold(): () => void {
    let tell = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    this.introspection = async (token) => {
      const verdict = this.verdictOn(token);
      await told;
      return verdict;
    };
    return tell;
  }

  /** The feed is away, and comes no more until its status is 200 again. */
  breakFeed(): void {
    this.feed.status = 503;
    for (const stream of this.feed.streams) stream.destroy();
  }

  /** With a bound that a busy machine does not reach by itself. */
  async server(over: Partial<ResourceServerOptions> = {}): Promise<ResourceServer> {
    const credentials = { clientId: 'photos-api', clientSecret: 'a secret: with + and ü' };
    const server = await createResourceServer({
      ...{ issuer: this.url, audience: AUDIENCE, credentials, onTrouble: (message) => void this.troubles.push(message) },
      freshness: { probeEveryMs: 50, boundMs: 10_000, ...over.freshness },
      ...Object.fromEntries(Object.entries(over).filter(([name]) => name !== 'freshness')),
    });
    this.servers.push(server);
    return server;
  }

  /** One whose copy is current. */
  async fresh(over: Partial<ResourceServerOptions> = {}): Promise<ResourceServer> {
    const server = await this.server(over);
    await until(() => server.freshness().fresh, { ...LONG, what: 'a fresh copy' });
    return server;
  }

  claimsOf(over: Claims = {}): Claims & { jti: string; sid: string; sub: string } {
    const id = ++ids;
    const now = Math.floor(this.feed.now() / 1_000);
    return {
      ...{ iss: this.url, aud: AUDIENCE, sub: `user-${id}`, client_id: 'photo-shop', jti: `t-${id}`, sid: `s-${id}`, gid: `g-${id}` },
      ...{ scope: 'photos:read', iat: now, exp: now + 300, auth_time: now, acr: '1', gen: [1, 1], ...over },
    };
  }

  jwt(claims: Claims = this.claimsOf(), { key = this.signing, typ = 'at+jwt' } = {}): string {
    return signJwt(key, { typ }, claims);
  }

  /** Known to introspection as active. */
  opaque(claims: Claims = this.claimsOf(), key = this.sealing): string {
    const token = sealAccessToken(claims as unknown as Parameters<typeof sealAccessToken>[0], key);
    const { gen: _gen, ...told } = claims;
    this.claims.set(token, { active: true, token_type: 'Bearer', ...told });
    return token;
  }

  /** In either form, and introspection knows it. */
  token(form: 'jwt' | 'opaque', claims: Claims = this.claimsOf()): string {
    const token = this[form](claims);
    const { gen: _gen, ...told } = claims;
    this.claims.set(token, { active: true, token_type: 'Bearer', ...told });
    return token;
  }

  async close(): Promise<void> {
    this.feed.still();
    for (const server of this.servers) server.stop();
    await this.at.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.url).pathname;
    if (path.startsWith('/revocations')) return this.feed.handle(request, response);
    const said = await this.said(path, request);
    if (said) response.writeHead(said.status).end(said.body);
  }

  private async said(path: string, request: IncomingMessage): Promise<Said | null> {
    if (path === '/.well-known/openid-configuration') return this.ok(this.metadata());
    if (path === '/jwks') {
      this.jwksReadings++;
      return this.jwks();
    }
    if (path !== '/introspect') return { status: 404, body: '' };
    let form = '';
    for await (const piece of request) form += piece;
    const token = new URLSearchParams(form).get('token') ?? '';
    this.asked.push(token);
    return this.introspection(token);
  }

  private metadata(): object {
    const [jwks_uri, introspection_endpoint] = [`${this.url}/jwks`, `${this.url}/introspect`];
    return { issuer: this.url, jwks_uri, introspection_endpoint, lanyard_revocation_feed_endpoint: `${this.url}/revocations` };
  }
}
