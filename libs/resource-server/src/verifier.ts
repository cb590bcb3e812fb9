import { ANSWER_MARGIN_MS } from '#libs/revocation';
import type { AccessToken } from './access-token.js';
import { badToken, bearerError, cannotSay, Refusal } from './bearer-error.js';
import { formOf, isOpaque, perhapsTokenOf, sealingKidOf, tokenOf } from './bearer-header.js';
import type { RevocationCopy } from './feed/revocation-copy.js';
import type { MissingKey } from './issuer-keys.js';
import type { JwtTokens, VerifiedToken } from './jwt-tokens.js';
import type { KilledTokens } from './killed-tokens.js';
import type { KnownToken } from './known-token.js';
import type { OpaqueTokens } from './opaque-tokens.js';
import type { Settings } from './options.js';
import type { Answered, Questions } from './questions.js';
import { check, mustBeRequirements, type Requirements } from './requirements.js';
import type { Freshness, ResourceServer } from './resource-server.js';
import type { TokenNames } from './token-names.js';
import type { Wire } from './wire/send.js';

export interface Parts {
  readonly settings: Settings;
  readonly copy: RevocationCopy;
  readonly names: TokenNames;
  readonly killed: KilledTokens;
  readonly jwts: JwtTokens;
  readonly opaque: OpaqueTokens;
  readonly questions: Questions;
  readonly feed: { stop(): void };
  readonly wires: readonly Wire[];
}

const NOTHING: Requirements = {};
/** Of one token by one request, while its answers take too long to be believed. */
const QUESTIONS = 3;
/** A key that takes over from a revoked one may be in use before every reading of the set has it. */
const NEW_KEYS_MS = 60_000;

/**
 * Says whether a request's token may be used, by rules that are asked anew for each request: what the token says, what the copy knows against it, and whether
 * the copy may be believed at this moment. Nothing that is kept is a verdict.
 */
export class Verifier implements ResourceServer {
  constructor(private readonly parts: Parts) {}

  get copy(): RevocationCopy {
    return this.parts.copy;
  }

  freshness(): Freshness {
    return this.copy.freshness();
  }

  async verify(authorization: string | undefined, needs: Requirements = NOTHING): Promise<AccessToken> {
    mustBeRequirements(needs);
    try {
      return this.atOnce(authorization, needs) ?? (await this.afterAll(tokenOf(authorization), needs));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw bearerError(error, { realm: this.parts.settings.realm, ...needs });
    }
  }

  /** A whole header is taken for its token: who pastes one means it. */
  kill(token: string): void {
    const text = token.trim().replace(/^Bearer +/i, '');
    this.parts.killed.add(text);
    this.parts.opaque.forget(this.parts.names.of(text));
  }

  stop(): void {
    this.parts.feed.stop();
    for (const wire of this.parts.wires) wire.close();
  }

  /** A token that is known here, while the copy is current: no promise but the caller's own. Null: somebody has to be asked, or it has to be read first. */
  private atOnce(authorization: string | undefined, needs: Requirements): AccessToken | null {
    const text = perhapsTokenOf(authorization);
    if (text === null) return null;
    const { names, jwts, opaque } = this.parts;
    const name = names.of(text);
    // Which keys there are is no matter of an opaque token, and looking costs a reading of the clock.
    const jwt = isOpaque(text) ? undefined : jwts.known(name);
    const known = jwt ?? opaque.known(name);
    if (!known) return null;
    this.judge(text, known, jwt?.gen ?? null, needs, null);
    return this.isCurrent() ? known.token : null;
  }

  private async afterAll(text: string, needs: Requirements): Promise<AccessToken> {
    const { names, killed, jwts } = this.parts;
    if (killed.has(text)) throw badToken('the token was killed here');
    const name = names.of(text);
    // 1. what it is
    const form = formOf(text);
    if (form === null) throw badToken('the token is of no form that the server makes');
    if (form === 'opaque') return this.byTheServer(text, name, sealingKidOf(text), needs);
    // 2. what it says, by its own signature
    const jwt = jwts.known(name) ?? (await jwts.verify(name, text));
    if ('missing' in jwt) return this.withoutItsKey(text, name, jwt, needs);
    // 3. what is known against it, and what this request needs, before anybody is asked
    this.judge(text, jwt, jwt.gen, needs, null);
    if (this.isCurrent()) return jwt.token;
    // 4. whether nothing else can be known against it
    const answered = await this.answer(text, name, jwt.kid, jwt);
    this.judge(text, jwt, jwt.gen, needs, answered);
    return jwt.token;
  }

  /** A JWT by a key that isn't here may be one of a key that just took over, or the set can't be read: the server has it. */
  private withoutItsKey(text: string, name: string, { missing, kid }: MissingKey, needs: Requirements): Promise<AccessToken> {
    const { settings } = this.parts;
    if (missing === 'unreadable' && settings.otherwise === 'refuse') throw cannotSay('the server’s keys can not be read');
    const mayBeNew = settings.clock.monotonic() - this.copy.keysEndedAt <= NEW_KEYS_MS;
    if (missing === 'unknown' && !mayBeNew) throw badToken('the token is by no key of the server');
    return this.byTheServer(text, name, kid, needs);
  }

  /** `kid`: the key that the token names. One that names none could not be refused by it. */
  private async byTheServer(text: string, name: string, kid: string | null, needs: Requirements): Promise<AccessToken> {
    if (kid === null) throw badToken('the token names no key');
    const known = this.parts.opaque.known(name);
    if (known) this.judge(text, known, null, needs, null);
    if (known && this.isCurrent()) return known.token;
    const answered = await this.answer(text, name, kid, null);
    this.judge(text, answered.known, null, needs, answered);
    return answered.known.token;
  }

  /** The server's own word. With `jwt` what the token says is known: only whether it lives is asked. */
  private async answer(text: string, name: string, kid: string, jwt: VerifiedToken | null): Promise<Answered> {
    const { questions, opaque } = this.parts;
    for (let asked = 0; asked < QUESTIONS; asked++) {
      this.mayRelyOnTheServer();
      const answered = await questions.ask(name, text, kid);
      const covered = jwt !== null || opaque.covers(answered);
      if (covered && jwt === null) opaque.keep(name, answered, text.length);
      // The copy, which is complete, has nothing that the answer could have missed.
      if (covered && this.isCurrent()) return answered;
      this.mayRelyOnTheServer();
      if (this.ageOf(answered) <= this.longest()) return answered;
    }
    throw cannotSay('the server’s answers take too long to be believed');
  }

  private mayRelyOnTheServer(): void {
    if (this.parts.settings.otherwise === 'refuse' && !this.isCurrent()) throw cannotSay('the revocation feed is not current');
  }

  /** Everything that is known against a token, at this moment; synchronous, so that nothing comes between it and the answer. */
  private judge(text: string, known: KnownToken, gen: VerifiedToken['gen'] | null, needs: Requirements, answered: Answered | null): void {
    const { killed, copy, settings } = this.parts;
    if (killed.has(text)) throw badToken('the token was killed here');
    if (copy.hasEnded(known.handles) || (gen && this.isOutdated(known, gen))) throw badToken('the token was revoked');
    const owner = copy.ownerNow();
    const best = owner ?? (answered && (answered.date ?? settings.clock.wall()));
    check(known, settings, needs, { owner, best });
  }

  private isOutdated({ subject, client }: KnownToken, [ofSubject, ofClient]: VerifiedToken['gen']): boolean {
    return ofSubject < (this.copy.raise('subject', subject)?.gen ?? 0) || ofClient < (this.copy.raise('client', client)?.gen ?? 0);
  }

  private isCurrent(): boolean {
    return this.copy.freshness().fresh;
  }

  private ageOf({ sent }: Answered): number {
    const { clock } = this.parts.settings;
    return Math.max(clock.monotonic() - sent.monotonic, clock.wall() - sent.wall);
  }

  /**
   * How old an answer may be that nothing else proves: the server's may be of as long ago as its own bound, less the margin that it keeps back for the way
   * (RELIABILITY 6), and what we are told to hold is the whole.
   */
  private longest(): number {
    const { boundMs } = this.parts.settings;
    return ANSWER_MARGIN_MS + Math.max(0, boundMs - (this.copy.serverBoundMs ?? boundMs));
  }
}
