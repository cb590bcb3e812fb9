import type { Clock } from '#libs/revocation';
import { badToken, cannotSay } from './bearer-error.js';
import { objectOf } from './discovery.js';
import type { RevocationCopy } from './feed/revocation-copy.js';
import { type KnownToken, knownToken } from './known-token.js';
import type { Wire } from './wire/send.js';

/** What the server said of a token, and since when that may be out of date. */
export interface Answered {
  readonly known: KnownToken;
  /** When the question was sent, by whichever request: the answer is as old as that. */
  readonly sent: { readonly monotonic: number; readonly wall: number };
  /** Of the changes that the copy had heard of by then, the last. */
  readonly change: number;
  /** The server's time, where it said so. */
  readonly date: number | null;
}

export interface QuestionsOptions {
  readonly endpoint: URL;
  readonly authorization: string;
  readonly wire: Wire;
  readonly copy: RevocationCopy;
  readonly clock: Clock;
  readonly onTrouble: (message: string, error: unknown) => void;
}

const PATIENCE_MS = 2_000;
/** Under way at once, whatever is made up out there. */
const MOST = 1_024;
/**
 * So much younger than the question that it waits for may a request be. Its answer says what was right at most the server's bound less 100 ms before it was asked for
 * (ANSWER_MARGIN_MS of the server's view), so it is right for a request of within those 100 ms; half of them are left to the clocks.
 */
const JOINS_WITHIN_MS = 50;

/** Introspection (RFC 7662): of several requests that come with one token one question is sent. Answers are handed on, never kept here. */
export class Questions {
  private readonly asking = new Map<string, { readonly sentAt: number; readonly answer: Promise<Answered> }>();
  /** Under way. */
  size = 0;

  constructor(private readonly options: QuestionsOptions) {}

  /**
   * Asked at the server now, or with whoever has just begun to ask: one that has been under way for long may be answered with what was right before. `kid`: the key
   * that the token names. Rejects with what is wrong, or with "can't say".
   */
  async ask(name: string, text: string, kid: string): Promise<Answered> {
    const sentAt = this.options.clock.monotonic();
    const under = this.asking.get(name);
    if (under && sentAt - under.sentAt <= JOINS_WITHIN_MS) return under.answer;
    if (this.size >= MOST) throw cannotSay('too many tokens are being asked about');
    this.size++;
    const answer = this.introspect(text, kid).finally(() => {
      this.size--;
      if (this.asking.get(name)?.answer === answer) this.asking.delete(name);
    });
    this.asking.set(name, { sentAt, answer });
    return answer;
  }

  private async introspect(text: string, kid: string): Promise<Answered> {
    const { copy, clock } = this.options;
    const { changes: change } = copy.generations;
    const sent = { monotonic: clock.monotonic(), wall: clock.wall() };
    const { claims, date } = await this.answer(text);
    if (claims.active !== true) throw badToken('the server says that the token is not active');
    const known = knownToken(claims, kid);
    if (!known) throw cannotSay('the server’s answer lacks what every access token has');
    return { known, sent, change, date };
  }

  private async answer(text: string): Promise<{ claims: Record<string, unknown>; date: number | null }> {
    const { endpoint, authorization, wire, onTrouble } = this.options;
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const body = new URLSearchParams({ token: text, token_type_hint: 'access_token' }).toString();
    try {
      const { status, text: said, date } = await wire.ask(endpoint, { method: 'POST', headers, body, timeoutMs: PATIENCE_MS });
      const claims = status === 200 ? objectOf(said) : null;
      if (!claims) throw new Error(`introspection answered ${status}${status === 200 ? ', and no object' : ''}`);
      return { claims, date };
    } catch (error) {
      onTrouble('a token could not be introspected', error);
      throw cannotSay('the token can not be introspected', error);
    }
  }
}
