import { type Clock, systemClock } from '#libs/revocation';
import type { AccessToken } from './access-token.js';
import { badRequest, badToken, cannotSay, noToken } from './bearer-error.js';
import { BoundedMap } from './bounded-map.js';
import { discover, type Endpoints } from './discovery.js';
import { FeedClient } from './feed/feed-client.js';
import { RevocationCopy } from './feed/revocation-copy.js';
import { JwtTokens, looksLikeJwt, type VerifiedJwt } from './jwt-tokens.js';
import { type Introspected, OpaqueTokens } from './opaque-tokens.js';
import { check, type Requirements } from './requirements.js';

export interface ResourceServerOptions {
  /** As the server writes it, byte for byte. */
  readonly issuer: string;
  /** This API, as tokens name it in `aud`. */
  readonly audience: string;
  /** Of a confidential client with `resource_server_for`, by client_secret_basic. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly freshness?: {
    /** X: after the end of a session is acknowledged, no token of it is accepted for longer. 2,000 by default, up to 30,000. */
    readonly boundMs?: number;
    /** What to do with a token while nothing proves how current the copy is: ask the server about each (default), or answer 503. */
    readonly otherwise?: 'introspect' | 'refuse';
    readonly probeEveryMs?: number;
  };
  readonly clock?: Clock;
  readonly onTrouble?: (message: string, error: unknown) => void;
}

const BOUND_MS = 2_000;
const LONGEST_BOUND_MS = 30_000;
const PROBE_EVERY_MS = 500;
const KILLED = 10_000;
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** Reads the server's metadata, begins to listen, and answers once that is done; the feed may come later, and until then `otherwise` applies. */
export async function createResourceServer(options: ResourceServerOptions): Promise<ResourceServer> {
  const { boundMs = BOUND_MS } = options.freshness ?? {};
  if (!(boundMs >= 500 && boundMs <= LONGEST_BOUND_MS)) throw new Error(`freshness.boundMs is 500 to ${LONGEST_BOUND_MS}`);
  return new ResourceServer(options, await discover(options.issuer), boundMs);
}

/**
 * Says whether a request's token may be used, by rules that are asked anew for each request: what the token says, what the copy knows against it, and whether
 * the copy may be believed at this moment. Nothing that is kept is a verdict.
 */
export class ResourceServer {
  readonly copy: RevocationCopy;
  private readonly jwts: JwtTokens;
  private readonly opaque: OpaqueTokens;
  private readonly feed: FeedClient;
  private readonly clock: Clock;
  private readonly killed = new BoundedMap<string, true>(KILLED);

  constructor(
    private readonly options: ResourceServerOptions,
    endpoints: Endpoints,
    private readonly boundMs: number,
  ) {
    const { credentials, freshness, onTrouble } = options;
    const authorization = basic(credentials.clientId, credentials.clientSecret);
    this.clock = options.clock ?? systemClock;
    this.copy = new RevocationCopy(boundMs, this.clock);
    this.jwts = new JwtTokens(endpoints.jwks, options.issuer);
    this.opaque = new OpaqueTokens(endpoints.introspection, authorization, this.copy, this.clock);
    this.feed = new FeedClient({
      ...{ endpoint: endpoints.feed, authorization, copy: this.copy, probeEveryMs: freshness?.probeEveryMs ?? PROBE_EVERY_MS },
      ...(onTrouble ? { onTrouble } : {}),
    });
  }

  /** The token of an `Authorization` header, or a BearerError that says what to answer. */
  async verify(authorization: string | undefined, needs: Requirements = {}): Promise<AccessToken> {
    // 1. the token, strictly (RFC 6750 §2.1)
    const text = tokenOf(authorization);
    if (this.killed.size > 0 && this.killed.get(this.opaque.nameOf(text))) throw badToken('the token was killed here');
    // 2. what it says: from its own signature, or from the server
    const known = this.jwts.known(text);
    if (known ?? looksLikeJwt(text)) return this.byItself(text, known ?? (await this.jwts.verify(text)), needs);
    return this.byTheServer(text, needs);
  }

  /** For one token on this host alone, until the process ends. */
  kill(text: string): void {
    this.killed.set(this.opaque.nameOf(text), true);
    this.opaque.forget(text);
  }

  stop(): void {
    this.feed.stop();
  }

  private async byItself(text: string, { token, kid, gen }: VerifiedJwt, needs: Requirements): Promise<AccessToken> {
    // 3. what is known against it: right whether the copy is current or not
    const revoked =
      this.copy.hasEnded({ ...handlesOf(token), kid }) ||
      gen[0] < (this.copy.raise('subject', token.sub)?.gen ?? 0) ||
      gen[1] < (this.copy.raise('client', token.client_id)?.gen ?? 0);
    if (revoked) throw badToken('the token was revoked');
    // 4. what this request needs, before anybody is asked about it
    const now = this.copy.ownerNow();
    check(token, this.options, needs, now ?? this.clock.wall());
    // 5. whether nothing else can be known against it
    if (now !== null && this.copy.freshness().fresh) return token;
    return this.asked(text, needs);
  }

  private async byTheServer(text: string, needs: Requirements): Promise<AccessToken> {
    const kept = this.opaque.known(text);
    if (kept && this.copy.freshness().fresh) {
      const raised = this.isRaised(kept);
      if (!raised) return this.accept(kept.token, needs);
      this.opaque.forget(text);
    }
    return this.asked(text, needs, this.copy.ownerNow() === null || !this.copy.freshness().fresh);
  }

  /** One question, judged by the server; its answer counts from when the question was sent. */
  private async asked(text: string, needs: Requirements, stale = true): Promise<AccessToken> {
    if (stale && this.options.freshness?.otherwise === 'refuse') throw cannotSay('the revocation feed is not current');
    const answer = await this.opaque.ask(text);
    const { sent } = answer;
    const age = Math.max(this.clock.monotonic() - sent.monotonic, this.clock.wall() - sent.wall);
    if (age > this.boundMs) throw cannotSay('the answer came too late to be believed');
    if (answer.known) this.opaque.remember(text, answer);
    return this.accept(answer.token, needs);
  }

  private accept(token: AccessToken, needs: Requirements): AccessToken {
    if (this.copy.hasEnded(handlesOf(token))) throw badToken('the token was revoked');
    check(token, this.options, needs, this.copy.ownerNow() ?? this.clock.wall());
    return token;
  }

  private isRaised({ token, known }: Introspected): boolean {
    const [subject, client] = known ?? [Number.NEGATIVE_INFINITY, 0];
    const gen = (kind: 'subject' | 'client', id: string) => this.copy.raise(kind, id)?.gen ?? 0;
    return gen('subject', token.sub) > subject || gen('client', token.client_id) > client;
  }
}

function tokenOf(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') throw noToken();
  if (/^DPoP /i.test(authorization)) throw badToken('tokens that are bound to a key are not taken here');
  if (!/^Bearer(?: |$)/i.test(authorization)) throw noToken();
  const [, text] = BEARER.exec(authorization) ?? [];
  if (text === undefined) throw badRequest('the Authorization header is no bearer token');
  return text;
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basic(clientId: string, clientSecret: string): string {
  const encoded = [clientId, clientSecret].map((text) => new URLSearchParams({ t: text }).toString().slice(2));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

function handlesOf({ jti, sid, gid }: AccessToken) {
  return { jti, sid, gid };
}
