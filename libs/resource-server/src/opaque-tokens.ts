import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '#libs/revocation';
import { type AccessToken, accessTokenOf } from './access-token.js';
import { badToken, cannotSay } from './bearer-error.js';
import { BoundedMap } from './bounded-map.js';
import type { RevocationCopy } from './feed/revocation-copy.js';
import { textOf } from './wire/send.js';

export interface Introspected {
  readonly token: AccessToken;
  /** When the question was sent, by whichever request: the answer is as old as that. */
  readonly sent: { readonly monotonic: number; readonly wall: number };
  /** What was known against its subject and client before the question was sent: more means that the answer may be of before it. */
  readonly known: readonly [subject: number, client: number] | null;
}

const REMEMBERED = 10_000;
const LONGEST = 16 * 1024;
const PATIENCE_MS = 2_000;
/**
 * So much younger than the question that it waits for may a request be. Its answer says what was right at most X less 100 ms before it was asked for
 * (ANSWER_MARGIN_MS of the server's view), so it is right for a request of within those 100 ms; half of them are left to the clocks.
 */
const JOINS_WITHIN_MS = 50;
/** The longest bound (30 s), and the longest transaction of a server (30 s). */
const SETTLED_MS = 65_000;

/**
 * Tokens that only the server can open: asked once, however many requests come with them, and remembered under a keyed hash. An answer is what the token says,
 * never a verdict: whether it may be used is asked of the copy each time.
 */
export class OpaqueTokens {
  private readonly answers = new BoundedMap<string, Introspected>(REMEMBERED);
  private readonly asking = new Map<string, { readonly sentAt: number; readonly answer: Promise<Introspected> }>();
  /** Of this process: a dump of its memory is no list of tokens. */
  private readonly key = randomBytes(32);

  constructor(
    private readonly endpoint: URL,
    private readonly authorization: string,
    private readonly copy: RevocationCopy,
    private readonly clock: Clock,
  ) {}

  known(text: string): Introspected | undefined {
    return this.answers.get(this.nameOf(text));
  }

  forget(text: string): void {
    this.answers.delete(this.nameOf(text));
  }

  nameOf(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }

  /** Asked at the server now; of several at once one question is sent. One that has been under way for long may be answered with what was right before. */
  ask(text: string): Promise<Introspected> {
    if (text.length > LONGEST) throw badToken('the token is too long');
    const name = this.nameOf(text);
    const sentAt = this.clock.monotonic();
    const under = this.asking.get(name);
    if (under && sentAt - under.sentAt <= JOINS_WITHIN_MS) return under.answer;
    const answer = this.introspect(text).finally(() => {
      if (this.asking.get(name)?.sentAt === sentAt) this.asking.delete(name);
    });
    this.asking.set(name, { sentAt, answer });
    return answer;
  }

  remember(text: string, answer: Introspected): void {
    this.answers.set(this.nameOf(text), answer);
  }

  private async introspect(text: string): Promise<Introspected> {
    const before = this.copy.raisedSoFar;
    const sent = { monotonic: this.clock.monotonic(), wall: this.clock.wall() };
    const answer = await this.answer(text);
    if (answer.active !== true) throw badToken('the server says that the token is not active');
    const token = accessTokenOf(answer);
    if (!token) throw cannotSay('the server’s answer lacks what every access token has');
    return { token, sent, known: before === this.copy.raisedSoFar ? this.settled(token) : null };
  }

  /**
   * The generations that this answer has certainly taken into account. It came from a view that may lag by the bound, and a row's time may be that of
   * a transaction that committed long after: what was raised lately the answering instance may not have seen, so such an answer is not kept.
   */
  private settled({ sub, client_id }: AccessToken): Introspected['known'] {
    const now = this.copy.ownerNow();
    const [subject, client] = [this.copy.raise('subject', sub), this.copy.raise('client', client_id)];
    if ([subject, client].some((raise) => raise && (now === null || raise.at > now - SETTLED_MS))) return null;
    return [subject?.gen ?? 0, client?.gen ?? 0];
  }

  private async answer(text: string): Promise<Record<string, unknown>> {
    const headers = { authorization: this.authorization, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const body = new URLSearchParams({ token: text, token_type_hint: 'access_token' }).toString();
    try {
      const { status, text: said } = await textOf(this.endpoint, { method: 'POST', headers, body, timeoutMs: PATIENCE_MS });
      if (status !== 200) throw new Error(`introspection answered ${status}`);
      const answer: unknown = JSON.parse(said);
      if (typeof answer !== 'object' || answer === null) throw new Error('introspection answered no object');
      return answer as Record<string, unknown>;
    } catch (error) {
      throw cannotSay('the token can not be introspected', error);
    }
  }
}
