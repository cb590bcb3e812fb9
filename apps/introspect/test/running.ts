import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IntrospectConfig } from '#libs/config';
import { type ClientRecord, SERVICES } from '#libs/contracts';
import { Pepper, randomId } from '#libs/database';
import { generateSigningKey, Kek, type SigningKey, signJwt } from '#libs/keys';
import { type AccessTokenClaims, clientMetadata, providerSettings } from '#libs/protocol';
import { newSealingKeyBytes, sealAccessToken, sealingKey, wrapSealingKey } from '#libs/sealing';
import { CheckpointGate, createTestDatabase, type TestDatabase, until } from '#libs/testing';
import { createIntrospectApp, type RunningIntrospectApp } from '../src/app.js';
import { Owners } from './owners.js';
import { Peers } from './peers.js';

export const ISSUER = 'http://localhost:4000';
export const PHOTOS = 'https://photos.example/api';
export const SECRET = 'a-secret-of-more-than-thirty-two-characters';

/** This app in earnest, over a real log; the services it calls are `Peers`. Tokens are made as the token service makes them. */
export class Running {
  readonly gates = new CheckpointGate();
  readonly clock = { skewMs: 0, monotonic: () => performance.now() + this.clock.skewMs, wall: () => Date.now() + this.clock.skewMs };
  readonly pepper = randomBytes(32);
  readonly kek = randomBytes(32);
  app!: RunningIntrospectApp;
  private kid = '';
  private bytes = newSealingKeyBytes();
  private signing!: SigningKey;
  private stranger!: SigningKey;

  private constructor(
    readonly database: TestDatabase,
    readonly owners: Owners,
    readonly peers: Peers,
  ) {}

  static async start(): Promise<Running> {
    const database = await createTestDatabase();
    const running = new Running(database, await Owners.start(database), await Peers.start());
    running.signing = await generateSigningKey('ES256');
    running.stranger = await generateSigningKey('ES256');
    running.peers.publicKeys = [running.signing.publicJwk];
    await running.rotateSealingKey();
    running.register('photos-api', { application_type: 'service', grant_types: [], resource_server_for: [PHOTOS] });
    running.register('photo-shop', { redirect_uris: ['http://localhost:1/cb'], scope: 'openid online_access' });
    running.app = await running.instance();
    return running;
  }

  /** One more process of this service over the same log. Whoever asks for it closes it. */
  async instance(over: Partial<IntrospectConfig> = {}): Promise<RunningIntrospectApp> {
    const app = await createIntrospectApp({ ...this.config(), ...over }, { checkpoints: this.gates, clock: this.clock });
    await until(async () => (await fetch(`${app.publicUrl}/health/ready`)).status === 200, { what: 'introspect ready', timeoutMs: 30_000 });
    return app;
  }

  /** A key the service has not been told of yet. */
  async rotateSealingKey(): Promise<void> {
    this.kid = randomId();
    this.bytes = newSealingKeyBytes();
    const wrapped = await wrapSealingKey(Kek.local(this.kek, 'LANYARD_SEALING_KEK'), this.kid, this.bytes);
    this.peers.sealingKeys = [{ kid: this.kid, wrapped, state: 'active', activates_at: 0, removed_after: null }];
  }

  /** Answers with the old one's id, which the peers no longer tell. */
  async replaceKey(form: 'opaque' | 'jwt'): Promise<string> {
    const kid = form === 'jwt' ? this.signing.kid : this.kid;
    if (form === 'opaque') await this.rotateSealingKey();
    else this.signing = await generateSigningKey('ES256');
    this.peers.publicKeys = [this.signing.publicJwk];
    return kid;
  }

  register(client_id: string, metadata: Record<string, unknown>, record: Partial<ClientRecord> = {}): void {
    const secrets = [{ hash: new Pepper(this.pepper).mac('client_secret', SECRET), weak: false }];
    const parsed = { ...clientMetadata.parse(metadata) };
    this.peers.clients.set(client_id, { client_id, gen: 1, disabled: false, secrets, metadata: parsed, scopes: [], ...record });
  }

  claims(over: Partial<AccessTokenClaims> = {}): AccessTokenClaims {
    const iat = Math.floor(Date.now() / 1_000);
    const ids = { jti: randomId(), sid: randomId(), gid: randomId(), sub: randomId() };
    return { iss: ISSUER, aud: PHOTOS, client_id: 'photo-shop', scope: 'photos:read', iat, exp: iat + 300, gen: [1, 1], ...ids, ...over };
  }

  opaque(claims: AccessTokenClaims): string {
    return sealAccessToken(claims, sealingKey(this.kid, this.bytes, 'active'));
  }

  jwt(claims: AccessTokenClaims, typ = 'at+jwt'): string {
    return signJwt(this.signing, { typ }, { ...claims });
  }

  /** Under the name of our key, by a key of nobody's. */
  sealedByAnother(claims: AccessTokenClaims): string {
    return sealAccessToken(claims, sealingKey(this.kid, newSealingKeyBytes(), 'active'));
  }

  /** Likewise, with a signature that is right for the stranger's key. */
  signedByAnother(claims: AccessTokenClaims): string {
    return signJwt({ ...this.stranger, kid: this.signing.kid }, { typ: 'at+jwt' }, { ...claims });
  }

  async close(): Promise<void> {
    await this.app?.close();
    await this.owners.close();
    await this.peers.close();
    await this.database.drop();
  }

  private config(): IntrospectConfig {
    const pairs = SERVICES.map((name) => [name, generateKeyPairSync('ed25519')] as const);
    const own = pairs.find(([name]) => name === 'introspect')?.[1];
    const urls = { auth: this.peers.url, token: this.peers.url, session: this.peers.url, introspect: this.peers.url };
    return {
      issuer: ISSUER,
      publicUrls: urls,
      internalUrls: urls,
      host: '127.0.0.1',
      advertisedHost: '127.0.0.1',
      drainDelayMs: 0,
      ports: { public: 0, internal: 0 },
      portBase: 4_000,
      trustedProxies: [],
      logLevel: 'silent',
      settings: providerSettings.parse({}),
      databaseUrl: this.database.url('lanyard_introspect'),
      logDatabaseUrl: this.database.url('lanyard_log'),
      redis: null,
      pepper: this.pepper,
      serviceKey: { privateJwk: own?.privateKey.export({ format: 'jwk' }) ?? {} },
      serviceKeys: { keys: pairs.map(([kid, { publicKey }]) => ({ ...publicKey.export({ format: 'jwk' }), kid })) },
      dataDir: '/nonexistent',
      instanceId: 'introspect-spec',
      configFile: null,
      kafka: null,
      sealingKek: this.kek,
      feed: { maxListeners: 20 },
    };
  }
}
