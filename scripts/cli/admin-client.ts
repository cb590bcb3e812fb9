import { CliError, EXIT } from './exit-codes.js';

export type ServiceWithDoor = 'auth' | 'session' | 'token';
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Credentials {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Metadata {
  readonly token_endpoint: string;
  readonly introspection_endpoint: string;
  readonly lanyard_admin_endpoints: Record<ServiceWithDoor, string>;
}

const TIMEOUT_MS = 30_000;

/**
 * The admin API as the command line uses it: client_credentials (RFC 6749 §4.4) at the server's own token endpoint, then Bearer calls to the
 * service that owns the thing. Errors become one sentence and an exit code.
 */
export class AdminClient {
  private metadata: Promise<Metadata> | undefined;
  private token: { value: string; until: number } | undefined;

  constructor(private readonly credentials: Credentials) {}

  async call<T>(
    service: ServiceWithDoor,
    method: Method,
    path: string,
    input: { query?: Record<string, unknown>; body?: unknown; timeoutMs?: number } = {},
  ): Promise<T> {
    const { lanyard_admin_endpoints: endpoints } = await this.discover();
    const url = new URL(`${endpoints[service]}${path}`);
    for (const [name, value] of Object.entries(input.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
    const body = input.body === undefined ? null : JSON.stringify(input.body);
    const attempt = async (): Promise<Response> => {
      const headers: Record<string, string> = { authorization: `Bearer ${await this.accessToken()}` };
      if (body !== null) headers['content-type'] = 'application/json';
      return send(url, { method, headers, body }, input.timeoutMs);
    };
    const response = await attempt();
    if (response.status !== 401) return (await answerOf(response)) as T;
    // A refused token has done nothing: what it hung from may have been revoked since (its key, its client's generation). Once.
    this.token = undefined;
    return (await answerOf(await attempt())) as T;
  }

  /** Every page of a list, one after another. */
  async *all<T>(service: ServiceWithDoor, path: string, query: Record<string, unknown> = {}): AsyncGenerator<T> {
    for (let cursor: string | undefined; ; ) {
      const page = await this.call<{ items: T[]; next: string | null }>(service, 'GET', path, { query: { ...query, limit: 200, cursor } });
      yield* page.items;
      if (page.next === null) return;
      cursor = page.next;
    }
  }

  discover(): Promise<Metadata> {
    this.metadata ??= this.fetchMetadata();
    return this.metadata;
  }

  private async fetchMetadata(): Promise<Metadata> {
    const { issuer } = this.credentials;
    const response = await send(new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`), {});
    const metadata = (await answerOf(response)) as Partial<Metadata> & { issuer?: string };
    if (metadata.issuer !== issuer) throw new CliError(EXIT.usage, `The server at ${issuer} says that its issuer is ${metadata.issuer}.`);
    if (!metadata.token_endpoint || !metadata.lanyard_admin_endpoints) throw new CliError(EXIT.refused, `${issuer} is no Lanyard server.`);
    return metadata as Metadata;
  }

  private async accessToken(): Promise<string> {
    if (this.token && this.token.until > performance.now()) return this.token.value;
    const { clientId, clientSecret, issuer } = this.credentials;
    const { token_endpoint } = await this.discover();
    const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
    const response = await send(new URL(token_endpoint), {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: `${issuer}/admin` }).toString(),
    });
    const answer = (await answerOf(response)) as { access_token: string; expires_in: number };
    this.token = { value: answer.access_token, until: performance.now() + (answer.expires_in - 10) * 1_000 };
    return answer.access_token;
  }
}

async function send(url: URL, init: RequestInit, timeoutMs = TIMEOUT_MS): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const cause = error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);
    throw new CliError(EXIT.unavailable, `${url.origin} can't be reached: ${cause}.`);
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return text === '' ? {} : JSON.parse(text);
  const { error, error_description: description } = problemIn(text);
  const scope = response.status === 403 ? /scope="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] : undefined;
  const said = `${description ?? error ?? response.statusText}${scope ? ` It needs ${scope}.` : ''}`;
  throw new CliError(exitCodeOf(response.status), `${response.status}: ${said}`);
}

function problemIn(text: string): { error?: string; error_description?: string } {
  try {
    return JSON.parse(text) as { error?: string; error_description?: string };
  } catch {
    return {};
  }
}

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (status === 503 || status === 502 || status === 504 || status === 429) return EXIT.unavailable;
  return EXIT.refused;
}
