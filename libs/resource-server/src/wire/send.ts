import { type ClientRequest, Agent as HttpAgent, request as overHttp, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as overHttps, type RequestOptions as TlsRequestOptions } from 'node:https';

/** What a server may answer in one piece; a set of keys or an introspection is far smaller. */
const LONGEST = 1024 * 1024;

function send(url: URL, options: RequestOptions): ClientRequest {
  return url.protocol === 'https:' ? overHttps(url, options) : overHttp(url, options);
}

export interface WireOptions {
  readonly maxSockets?: number;
  /** PEM certificates that are trusted instead of the ones that Node brings. */
  readonly ca?: string | undefined;
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
}

/** A connection that was kept open and closed by the other side at the very moment: nothing was asked. */
class NotAsked extends Error {}

/** Connections that are kept open, so many to each host; a question beyond them waits for one, within its own time. */
export class Wire {
  private readonly agents: { readonly 'http:': HttpAgent; readonly 'https:': HttpsAgent };

  private readonly trust: { readonly ca?: string };

  constructor({ maxSockets = 8, ca }: WireOptions = {}) {
    this.trust = ca === undefined ? {} : { ca };
    const options = { keepAlive: true, maxSockets };
    this.agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent({ ...options, ...this.trust }) };
  }

  /** A GET on a connection of its own, whose answer has no end. */
  open(url: URL, headers: Record<string, string>): ClientRequest {
    const options: TlsRequestOptions = { method: 'GET', headers, agent: false, ...this.trust };
    return send(url, options);
  }

  /** One question that may be asked twice, its whole answer, within a time: a server that is slow is one that does not answer. */
  async ask(url: URL, question: Question): Promise<Answer> {
    const agent = this.agents[url.protocol === 'https:' ? 'https:' : 'http:'];
    const until = performance.now() + question.timeoutMs;
    try {
      return await ask(url, question, agent);
    } catch (error) {
      const timeoutMs = until - performance.now();
      if (!(error instanceof NotAsked) || timeoutMs <= 0) throw error;
      return ask(url, { ...question, timeoutMs }, agent);
    }
  }

  /** What is kept open is closed; what is under way goes on. */
  close(): void {
    for (const agent of Object.values(this.agents)) {
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    }
  }
}

function ask(url: URL, { method, headers, body, timeoutMs }: Question, agent: HttpAgent): Promise<Answer> {
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
