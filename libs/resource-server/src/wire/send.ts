import { type ClientRequest, Agent as HttpAgent, request as overHttp, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as overHttps } from 'node:https';

/** What a server may answer in one piece; a set of keys or an introspection is far smaller. */
const LONGEST = 1024 * 1024;
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

export function send(url: URL, options: RequestOptions): ClientRequest {
  return url.protocol === 'https:' ? overHttps(url, options) : overHttp(url, options);
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request, its whole answer, within a time: a server that is slow is one that does not answer. */
export function textOf(
  url: URL,
  { method, headers, body, timeoutMs }: { method: string; headers?: Record<string, string>; body?: string; timeoutMs: number },
): Promise<Answer> {
  const agent = url.protocol === 'https:' ? agents.https : agents.http;
  return new Promise((resolve, reject) => {
    const asked = send(url, { method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body ?? '')) }, agent });
    const tooLate = setTimeout(() => asked.destroy(new Error(`no answer of ${url.host} within ${timeoutMs} ms`)), timeoutMs);
    asked.on('response', (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.on('data', (piece: Buffer) => {
        length += piece.length;
        if (length > LONGEST) asked.destroy(new Error(`${url.host} answers without an end`));
        else pieces.push(piece);
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }));
    });
    asked.on('error', reject);
    asked.on('close', () => {
      clearTimeout(tooLate);
      reject(new Error(`${url.host} closed the connection`));
    });
    asked.end(body);
  });
}
