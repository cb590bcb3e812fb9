/** The endpoints that discovery names. */
export interface Endpoints {
  readonly token: string;
  readonly revoke: string;
  readonly introspect: string;
  readonly userinfo: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface TokenSet {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly scope: string;
  readonly expires_in: number;
}

/** A client that says exactly what a test wants said, by fetch; `openid-client` would not send half of it. */
export class RawClient {
  constructor(
    readonly endpoints: Endpoints,
    readonly clientId: string,
    /** null: a public client, which names itself in the form. */
    readonly secret: string | null,
  ) {}

  async post(url: string, form: Record<string, string>): Promise<Answer> {
    const identified = this.secret === null ? { client_id: this.clientId, ...form } : form;
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    if (this.secret !== null) headers.authorization = basic(this.clientId, this.secret);
    return answerOf(await fetch(url, { method: 'POST', headers, body: new URLSearchParams(identified).toString() }));
  }

  exchange(code: string, verifier: string, redirectUri: string): Promise<Answer> {
    return this.post(this.endpoints.token, { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri });
  }

  refresh(refreshToken: string, more: Record<string, string> = {}): Promise<Answer> {
    return this.post(this.endpoints.token, { grant_type: 'refresh_token', refresh_token: refreshToken, ...more });
  }

  revoke(token: string): Promise<Answer> {
    return this.post(this.endpoints.revoke, { token });
  }

  introspect(token: string, more: Record<string, string> = {}): Promise<Answer> {
    return this.post(this.endpoints.introspect, { token, ...more });
  }

  async userinfo(accessToken: string): Promise<Answer> {
    return answerOf(await fetch(this.endpoints.userinfo, { headers: { authorization: `Bearer ${accessToken}` } }));
  }
}

/** RFC 6749 §2.3.1: both halves form-encoded. */
export function basic(clientId: string, secret: string): string {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}`;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    body = { text };
  }
  return { status: response.status, headers: response.headers, body };
}
