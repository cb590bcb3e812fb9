import type { WrappedSealingKey } from '#libs/contracts';
import { type Database, isUnavailable } from '#libs/database';
import type { Readiness } from '#libs/http';
import { KeyError, type PublicJwk, RemoteKeySet, type SigningAlg, type SigningKey, SingleFlight } from '#libs/keys';
import { unavailable } from '#libs/protocol';
import { AccessTokenReader, HolderKeyring, type RefreshPosition, refreshTokens, type SealingKey, type SealingKeyring } from '#libs/sealing';
import { keyStore } from './key.store.js';
import { FIRST_LINES, signingLine } from './key-line.js';
import { NO_KEYS, type OpenKeys, openKeys } from './open-keys.js';
import { type KeyMaking, rotateKeys, rotateLine } from './rotate-keys.js';
import type { RotationPolicies } from './rotation-policy.js';

export interface KeyServiceOptions extends KeyMaking {
  readonly issuer: string;
  readonly policies: RotationPolicies;
  readonly readiness: Readiness;
  readonly tickMs?: number;
  readonly monotonic?: () => number;
}

const TICK_MS = 10_000;
/** Keys read longer ago than this are not used: far within the margin that a replaced key stays good. */
const STALE_MS = 300_000;
const READINESS = 'keys';

/**
 * apps/token/src/keys owns the rows of every key and who may use them. This class is the one door: issuing, grants and the
 * token endpoint ask it for keys; nothing else in the app reads the key tables. Answers come from memory, read again every
 * ten seconds and when a key is asked for that another instance has just made.
 */
export class KeyService {
  private keys: OpenKeys = NO_KEYS;
  private readAt = Number.NEGATIVE_INFINITY;
  private databaseMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private ticking: Promise<void> | null = null;
  private readonly monotonic: () => number;
  /** For key ids we don't know: one read of the rows a second, however many such tokens arrive. */
  private readonly unknown: SingleFlight;
  private readonly making = new Map<SigningAlg, Promise<void>>();
  /** Never used again here, whatever an answer that was under way says: the rows change before this process has read them. */
  private readonly revoked = new Set<string>();
  /** Opaque and JWT access tokens of our own, for /revoke and token exchange. */
  readonly accessTokens: AccessTokenReader;

  constructor(
    private readonly db: Database,
    private readonly options: KeyServiceOptions,
  ) {
    this.monotonic = options.monotonic ?? (() => performance.now());
    options.readiness.set(READINESS, false, 'not read yet');
    this.unknown = new SingleFlight(() => this.read(), 1_000, this.monotonic);
    const [cooldownMs, monotonic] = [1_000, this.monotonic];
    this.accessTokens = new AccessTokenReader({
      issuer: options.issuer,
      opaque: new HolderKeyring({
        fetch: async () => ({ keys: (await this.readAgain()).wrappedSealing }),
        kek: options.sealingKek,
        monotonic,
      }),
      jwt: new RemoteKeySet({ fetch: async () => (await this.readAgain()).jwks, cooldownMs, monotonic }),
    });
  }

  /**
   * Opens what is stored before anything is made: with a wrong LANYARD_KEK nothing new may be encrypted under it. Throws a
   * `KeyError` that says which key-encryption key is wrong; the readiness reason says the same.
   */
  async start(): Promise<void> {
    try {
      await this.read();
      for (const line of FIRST_LINES) await keyStore.ensureLine(this.db, line);
      await rotateKeys(this.db, this.options.policies, this.options);
      await this.read();
    } catch (error) {
      this.options.readiness.set(READINESS, false, reasonOf(error));
      throw error;
    }
    this.options.readiness.set(READINESS, true);
    this.timer = setInterval(() => void this.tick(), this.options.tickMs ?? TICK_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.ticking;
  }

  /** One turn of the rotation. Never throws: what is wrong becomes the readiness reason and is tried again. */
  tick(): Promise<void> {
    this.ticking ??= this.turn().finally(() => {
      this.ticking = null;
    });
    return this.ticking;
  }

  /** The active key of that algorithm. EdDSA and PS256 are made the first time somebody needs them. */
  async signingKeyFor(alg: SigningAlg): Promise<SigningKey> {
    const known = this.fresh().signing.get(alg);
    if (known && !this.revoked.has(known.kid)) return known;
    await this.ensureSigningAlg(alg);
    const made = this.keys.signing.get(alg);
    if (!made || this.revoked.has(made.kid)) throw unavailable(`no signing key for ${alg}`);
    return made;
  }

  /** When a client registers for the algorithm, so that its key is in the JWKS before the first token. */
  async ensureSigningAlg(alg: SigningAlg): Promise<void> {
    if (this.keys.signing.has(alg)) return;
    const making = this.making.get(alg) ?? this.make(alg).finally(() => this.making.delete(alg));
    this.making.set(alg, making);
    await making;
  }

  activeSealingKey(): SealingKey {
    const key = this.fresh().sealing.active();
    if (!key || this.revoked.has(key.kid)) throw unavailable('no sealing key');
    return key;
  }

  get sealingKeyring(): SealingKeyring {
    return this.keys.sealing;
  }

  /** As `/internal/sealing-keys` hands them out: pending ones too, so that every holder has a key before it seals; never a list so old that a revoked key could be in it. */
  wrappedSealingKeys(): readonly WrappedSealingKey[] {
    return this.fresh().wrappedSealing.filter(({ kid }) => !this.revoked.has(kid));
  }

  encodeRefreshToken(position: RefreshPosition): string {
    const key = this.fresh().currentRefreshMac;
    if (!key || this.revoked.has(key.kid)) throw unavailable('no refresh MAC key');
    return refreshTokens.encode(position, key);
  }

  /** null: not one of ours, whole and unaltered. */
  async decodeRefreshToken(token: string): Promise<RefreshPosition | null> {
    const kid = refreshTokens.kidOf(token);
    if (kid === null || this.revoked.has(kid)) return null;
    if (!this.keys.refreshMac.has(kid)) {
      await this.unknown.run().catch((cause: Error) => {
        throw unavailable(cause.message);
      });
    }
    return refreshTokens.decode(token, (id) => this.keys.refreshMac.get(id));
  }

  /** What /jwks and /internal/public-keys serve: active first, then pending and retiring. */
  publicJwks(): { keys: PublicJwk[] } {
    const { jwks } = this.known();
    return this.revoked.size === 0 ? jwks : { keys: jwks.keys.filter(({ kid }) => !this.revoked.has(kid)) };
  }

  /** Told by this process's own commit, a hint or the log. From the first line on the key does nothing here; then its successor is read. */
  async drop(kid: string): Promise<void> {
    this.revoked.add(kid);
    this.accessTokens.dropKey(kid);
    await this.read();
  }

  /** How lines move, for whoever moves them out of turn. */
  get rotation(): { policies: RotationPolicies; making: KeyMaking } {
    const { policies, ...making } = this.options;
    return { policies, making };
  }

  /** After a change by this process. */
  readNow(): Promise<void> {
    return this.read();
  }

  /** Database time in ms, carried on by the monotonic clock since the keys were last read (10 s at most when healthy). */
  databaseNow(): number {
    return Math.floor(this.databaseMs + (this.monotonic() - this.readAt));
  }

  /** Before the first read there is no answer: an empty set would make every token inactive, and would be cached as such. */
  private known(): OpenKeys {
    if (this.keys === NO_KEYS) throw unavailable('the keys are not read yet');
    return this.keys;
  }

  private fresh(): OpenKeys {
    const age = this.monotonic() - this.readAt;
    if (age > STALE_MS) throw unavailable(`the keys were last read ${Math.round(age / 1_000)} s ago`);
    return this.keys;
  }

  private async make(alg: SigningAlg): Promise<void> {
    await keyStore.ensureLine(this.db, signingLine(alg));
    await rotateLine(this.db, signingLine(alg), this.options.policies, this.options);
    await this.read();
  }

  private async turn(): Promise<void> {
    try {
      await rotateKeys(this.db, this.options.policies, this.options);
      await this.read();
      this.options.readiness.set(READINESS, true);
    } catch (error) {
      const stale = this.monotonic() - this.readAt > STALE_MS;
      // the database's own absence has its own reason; the keys in memory are good for a while
      if (stale || !isUnavailable(error)) this.options.readiness.set(READINESS, false, reasonOf(error));
    }
  }

  private async readAgain(): Promise<OpenKeys> {
    await this.read();
    return this.keys;
  }

  private async read(): Promise<void> {
    const begun = this.monotonic();
    const [stored, now] = [await keyStore.live(this.db), await keyStore.now(this.db)];
    const usable = stored.filter(({ kid }) => !this.revoked.has(kid));
    const opened = await openKeys(usable, this.options);
    // two reads may overlap: the older must not overwrite the newer
    if (begun < this.readAt) return;
    this.keys = opened;
    this.databaseMs = now;
    this.readAt = begun;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof KeyError) return error.message;
  return `the keys could not be read: ${error instanceof Error ? error.message : String(error)}`;
}
