/** A browser without a screen: keeps cookies, follows nothing by itself, reads forms. */
export class Visitor {
  private readonly jar = new Map<string, string>();
  readonly setCookies: string[] = [];

  constructor(private readonly base: string) {}

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, { headers });
  }

  async head(path: string): Promise<Answer> {
    return this.send(path, { method: 'HEAD', headers: {} });
  }

  async post(path: string, fields: Record<string, string> | [string, string][], headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  }

  /** Follows redirects as long as they stay here. */
  async open(path: string): Promise<Answer> {
    let answer = await this.get(path);
    while (answer.location?.startsWith(this.base)) answer = await this.get(answer.location);
    return answer;
  }

  /** Sends the form of a page as a browser would: hidden fields, ticked boxes, and what was typed. */
  async submit(
    page: Answer,
    typed: Record<string, string> = {},
    options: { action?: string; ticked?: readonly string[] } = {},
  ): Promise<Answer> {
    const fields: [string, string][] = [];
    for (const input of page.text.matchAll(/<input\b[^>]*>/g)) {
      const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(input[0])?.[1];
      const [name, value, type] = [attribute('name'), attribute('value') ?? '', attribute('type')];
      if (name === undefined || name in typed) continue;
      const ticked = options.ticked && name === 'scope' ? options.ticked.includes(value) : /\bchecked\b/.test(input[0]);
      if (type === 'hidden' || (type === 'checkbox' && ticked)) fields.push([name, value]);
    }
    const action = options.action ?? /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? '';
    let answer = await this.post(action, [...fields, ...Object.entries(typed)], { 'sec-fetch-site': 'same-origin' });
    while (answer.location?.startsWith(this.base)) answer = await this.get(answer.location);
    return answer;
  }

  cookie(kind: 'session' | 'browser'): string | undefined {
    return [...this.jar].find(([name]) => name.includes(`lanyard-${kind}-`))?.[1];
  }

  dropCookies(kind = ''): void {
    for (const name of this.jar.keys()) if (name.includes(kind)) this.jar.delete(name);
  }

  private async send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Answer> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, this.base), {
      ...init,
      redirect: 'manual',
      headers: { ...(cookie ? { cookie } : {}), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return new Answer(response, await response.text());
  }

  private keep(line: string): void {
    this.setCookies.push(line);
    const [pair = ''] = line.split(';', 1);
    const cut = pair.indexOf('=');
    if (/max-age=0/i.test(line)) this.jar.delete(pair.slice(0, cut));
    else this.jar.set(pair.slice(0, cut), pair.slice(cut + 1));
  }
}

export class Answer {
  constructor(
    private readonly response: Response,
    readonly text: string,
  ) {}

  get status(): number {
    return this.response.status;
  }
  get location(): string | null {
    return this.response.headers.get('location');
  }
  header(name: string): string | null {
    return this.response.headers.get(name);
  }
  /** Of the redirect. */
  get params(): URLSearchParams {
    return new URL(this.location ?? 'none:').searchParams;
  }
  get title(): string {
    return /<title>([^<]*)<\/title>/.exec(this.text)?.[1] ?? '';
  }
}
