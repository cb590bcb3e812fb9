import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteString } from './byte-string.js';
import { bodyText, PUBLIC_BODY_LIMIT } from './forms/body-parsers.js';
import { Parameters } from './forms/parameters.js';
import { FORM_TYPE } from './forms/read.js';
import { authorizesTwice } from './routing-hooks.js';

/** As clients write it; any other spelling is right as well, and goes the ordinary way. */
const FORMS: ReadonlySet<string> = new Set(
  ['', ';charset=UTF-8', '; charset=UTF-8', ';charset=utf-8', '; charset=utf-8'].map((rest) => FORM_TYPE + rest),
);

/** JSON, to be sent with 200. Null: the ordinary way answers, from the beginning. */
export type ShortAnswer = ByteString | null | Promise<ByteString | null>;

/** A route whose usual request is answered from memory. It may throw: whatever is not as usual goes the ordinary way, which says what is wrong. */
export interface ShortRoute {
  /** Without a query. */
  readonly path: string;
  answer(request: IncomingMessage, form: Parameters): ShortAnswer;
}

export interface ShortWayOptions {
  /** False while answers need more than the usual headers, or none may be given. */
  readonly isOpen: () => boolean;
  readonly requestIdOf: (request: IncomingMessage) => string;
  /** Of every answer: names and values in turn. */
  readonly headers: readonly string[];
  readonly answered: (path: string, ms: number, requestId: string) => void;
}

/**
 * For the one request that makes up nearly all of a service's load: a form, posted to an exact path, answered at once. It is read, answered and written on
 * `node:http` itself, ahead of router, hooks and reply. All others, and each that turns out to be unusual, go the ordinary way with every byte of theirs
 * unread, so that there is one place for what is refused and how that is said (docs/decisions/0032).
 */
export class ShortWay {
  constructor(
    private readonly route: ShortRoute,
    private readonly options: ShortWayOptions,
  ) {}

  /** Nothing of it is touched. */
  isFor({ method, url, headers, rawHeaders }: IncomingMessage): boolean {
    if (url !== this.route.path || method !== 'POST' || !FORMS.has(headers['content-type'] ?? '')) return false;
    const length = Number(headers['content-length']);
    if (!(length > 0 && length <= PUBLIC_BODY_LIMIT)) return false;
    if (headers['content-encoding'] !== undefined || headers['transfer-encoding'] !== undefined || headers.expect !== undefined)
      return false;
    return this.options.isOpen() && !authorizesTwice({ rawHeaders });
  }

  take(request: IncomingMessage, response: ServerResponse, ordinary: () => void): void {
    const from = performance.now();
    const length = Number(request.headers['content-length']);
    let body: Buffer | null = null;
    const read = (part: Buffer) => {
      body = body ? Buffer.concat([body, part]) : part;
      if (body.length < length) return;
      request.off('data', read);
      const whole = body;
      const answer = this.answerTo(request, whole);
      if (typeof answer === 'string') return this.send(request, response, answer, from);
      request.pause();
      const late = (reached: ByteString | null) => {
        if (reached) return this.send(request, response, reached, from);
        request.unshift(whole);
        ordinary();
      };
      if (answer instanceof Promise) answer.then(late, () => late(null));
      else late(null);
    };
    request.on('data', read);
  }

  private answerTo(request: IncomingMessage, body: Buffer): ShortAnswer {
    try {
      return this.route.answer(request, Parameters.parse(bodyText(body)));
    } catch {
      return null;
    }
  }

  private send(request: IncomingMessage, response: ServerResponse, answer: ByteString, from: number): void {
    const requestId = this.options.requestIdOf(request);
    const own = ['x-request-id', requestId, 'content-type', 'application/json; charset=utf-8', 'content-length', String(answer.length)];
    response.writeHead(200, [...own, ...this.options.headers]);
    // in one piece with the head, where bytes would be a second one
    response.end(answer, 'latin1');
    this.options.answered(this.route.path, performance.now() - from, requestId);
  }
}
