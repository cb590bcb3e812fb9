import { formsOf } from '../actors/html-form.js';
import type { Kind, KnownSecrets } from './known-secrets.js';

export interface Exchange {
  readonly asked: string;
  readonly status: number;
  /** Status line, headers and body, as text. */
  readonly answer: string;
  readonly isPage: boolean;
}

const GIVEN: Readonly<Record<string, Kind>> = {
  access_token: 'access token',
  refresh_token: 'refresh token',
  id_token: 'id token',
  client_secret: 'client secret',
};
const SENT: Readonly<Record<string, Kind>> = {
  ...GIVEN,
  state: 'state',
  nonce: 'nonce',
  code: 'authorization code',
  code_verifier: 'PKCE verifier',
  password: 'password',
  new_password: 'password',
  new_password_again: 'password',
};

/** Listens to every fetch of this spec: keeps the answers, and learns every secret that is sent or given, wrong ones too. */
export class Recorder {
  readonly exchanges: Exchange[] = [];
  private readonly original = globalThis.fetch;

  constructor(private readonly secrets: KnownSecrets) {}

  start(): void {
    globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      this.learnSent(url, new Headers(init?.headers), init?.body);
      const response = await this.original(input, init);
      const echoed = namesIn(url, init?.body);
      await this.keep(`${init?.method ?? 'GET'} ${url.pathname}`.slice(0, 60), response.clone(), echoed);
      return response;
    };
  }

  stop(): void {
    globalThis.fetch = this.original;
  }

  private async keep(asked: string, response: Response, echoed: readonly string[]): Promise<void> {
    const body = await response.text();
    const number = this.exchanges.length;
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
    const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    this.exchanges.push({ asked, status: response.status, answer: [response.status, ...headers, '', body].join('\n'), isPage });
    this.learnGiven(number, response, body);
    for (const secret of this.secrets.all.values()) if (echoed.some((name) => name.includes(secret.value))) secret.givenIn.add(number);
  }

  private learnSent(url: URL, headers: Headers, body: unknown): void {
    this.learnPairs(url.searchParams);
    if (typeof body === 'string') {
      this.learnPairs(body.startsWith('{') ? Object.entries(parsed(body)) : new URLSearchParams(body));
    }
    const [scheme, credentials = ''] = headers.get('authorization')?.split(' ') ?? [];
    if (scheme !== 'Basic') return;
    const [, secret = ''] = Buffer.from(credentials, 'base64').toString().split(':');
    // RFC 6749 §2.3.1: form-encoded.
    this.secrets.add('client secret', new URLSearchParams(`it=${secret}`).get('it'));
  }

  private learnPairs(pairs: Iterable<[string, unknown]>): void {
    for (const [name, value] of pairs) {
      const kind = SENT[name];
      if (kind && typeof value === 'string') this.secrets.add(kind, value);
    }
  }

  private learnGiven(number: number, response: Response, body: string): void {
    for (const [name, value] of Object.entries(parsed(body))) {
      const kind = GIVEN[name];
      if (kind && typeof value === 'string') this.secrets.add(kind, value, number);
    }
    for (const line of response.headers.getSetCookie()) this.secrets.add('cookie', /^[^=]+=([^;]*)/.exec(line)?.[1], number);
    const location = response.headers.get('location');
    if (location) this.learnAddress(number, new URL(location, response.url));
    for (const form of formsOf(body)) {
      this.secrets.add('form token', form.fields.get('csrf')?.[0]);
      if (form.action) this.learnAddress(number, new URL(form.action, response.url));
    }
  }

  private learnAddress(number: number, address: URL): void {
    this.secrets.add('authorization code', address.searchParams.get('code'), number);
    this.secrets.add('handle', /\/(?:interaction|logout)\/([^/]+)/.exec(address.pathname)?.[1]);
  }
}

/** What stands where a name is meant is a name, and an answer may say to who sent it which name was wrong; nobody else may hear it. */
function namesIn(url: URL, body: unknown): string[] {
  const names = (pairs: URLSearchParams) => ['username', 'scope'].flatMap((name) => pairs.getAll(name));
  const sent = typeof body === 'string' ? body : '';
  const metadata = parsed(sent).metadata;
  return [...names(url.searchParams), ...names(new URLSearchParams(sent)), ...(metadata ? [JSON.stringify(metadata)] : [])];
}

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}
