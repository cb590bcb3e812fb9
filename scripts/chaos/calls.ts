import { Agent, request } from 'undici';
import { secretOf } from './chaos-config.js';

/** Longer than anything is paused or delayed: what was given up on has no effect later, so a second use of a refresh token is ours alone. */
const PATIENCE_MS = 20_000;

export interface Answer {
  /** null: no answer. */
  readonly status: number | null;
  readonly body: Record<string, unknown>;
  readonly invokedAt: number;
  readonly completedAt: number;
}

/** HTTP as clients and resource servers speak it. Never throws: no answer is an answer that the history must have. */
export class Calls {
  private readonly agent = new Agent({ connections: 128, pipelining: 1, connect: { timeout: 5_000 } });

  async form(url: string, clientId: string, form: Record<string, string>): Promise<Answer> {
    const authorization = `Basic ${Buffer.from(`${clientId}:${secretOf(clientId)}`).toString('base64')}`;
    return this.send(
      url,
      'POST',
      { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams(form).toString(),
    );
  }

  async json(method: 'GET' | 'POST', url: string, bearer: string, body?: unknown): Promise<Answer> {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    return this.send(url, method, { authorization: `Bearer ${bearer}`, ...type }, body === undefined ? undefined : JSON.stringify(body));
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async send(url: string, method: 'GET' | 'POST', headers: Record<string, string>, body?: string): Promise<Answer> {
    const invokedAt = performance.now();
    try {
      const options = {
        method,
        headers,
        dispatcher: this.agent,
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body === undefined ? {} : { body }),
      };
      const answer = await request(url, options);
      const text = await answer.body.text();
      return { status: answer.statusCode, body: parsed(text), invokedAt, completedAt: performance.now() };
    } catch {
      return { status: null, body: {}, invokedAt, completedAt: performance.now() };
    }
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
