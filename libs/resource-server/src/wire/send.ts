import { type ClientRequest, Agent as HttpAgent, request as overHttp, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as overHttps } from 'node:https';

/** What a server may answer in one piece; a set of keys or an introspection is far smaller. */
const LONGEST = 1024 * 1024;

/** Connections to each host; what is beyond them waits for one, within its own time. Tokens that are asked about have theirs: a flood of them must not keep a probe waiting. */
const LANES = { upkeep: lane(8), tokens: lane(64) } as const;

function lane(maxSockets: number) {
  const options = { keepAlive: true, maxSockets };
  return { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
}

export function send(url: URL, options: RequestOptions): ClientRequest {
  return url.protocol === 'https:' ? overHttps(url, options) : overHttp(url, options);
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** By the `Date` header, in milliseconds; null where it has none that can be read. */
  readonly date: number | null;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly lane?: keyof typeof LANES;
}

/** A connection that was kept open and closed by the other side at the very moment: nothing was asked. */
class NotAsked extends Error {}

/** One question that may be asked twice, its whole answer, within a time: a server that is slow is one that does not answer. */
export async function textOf(url: URL, question: Question): Promise<Answer> {
  const until = performance.now() + question.timeoutMs;
  try {
    return await ask(url, question);
  } catch (error) {
    const timeoutMs = until - performance.now();
    if (!(error instanceof NotAsked) || timeoutMs <= 0) throw error;
    return ask(url, { ...question, timeoutMs });
  }
}

function ask(url: URL, { method, headers, body, timeoutMs, lane = 'upkeep' }: Question): Promise<Answer> {
  const agent = LANES[lane][url.protocol === 'https:' ? 'https:' : 'http:'];
  return new Promise((resolve, reject) => {
    const asked = send(url, { method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body ?? '')) }, agent });
    const tooLate = setTimeout(() => asked.destroy(new Error(`no answer of ${url.host} within ${timeoutMs} ms`)), timeoutMs);
    let answering = false;
    const failed = (error: Error) => reject(asked.reusedSocket && !answering && isReset(error) ? new NotAsked(error.message) : error);
    asked.on('response', (response) => {
      answering = true;
      const pieces: Buffer[] = [];
      let length = 0;
      response.on('data', (piece: Buffer) => {
        length += piece.length;
        if (length > LONGEST) asked.destroy(new Error(`${url.host} answers without an end`));
        else pieces.push(piece);
      });
      response.on('error', reject);
      response.on('end', () => {
        const date = Date.parse(response.headers.date ?? '');
        const text = Buffer.concat(pieces).toString('utf8');
        resolve({ status: response.statusCode ?? 0, text, date: Number.isNaN(date) ? null : date });
      });
    });
    asked.on('error', failed);
    asked.on('close', () => {
      clearTimeout(tooLate);
      reject(new Error(`${url.host} closed the connection`));
    });
    asked.end(body);
  });
}

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
