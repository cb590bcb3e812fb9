import { formsOf, type HtmlForm } from './html-form.js';

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

interface Cookie {
  value: string;
  host: string;
}

/**
 * A browser without script, for tests that need hundreds of sign-ins: cookies, redirects and forms over real HTTP. The story
 * itself runs in Chromium.
 */
export class UserAgent {
  private readonly jar = new Map<string, Cookie>();
  /** Every address it was sent to, in order. */
  readonly trail: string[] = [];

  /** Follows redirects until a page, or until an address that belongs to the relying party. */
  async open(url: string | URL, stopAt: (url: URL) => boolean = () => false, init: RequestInit = {}): Promise<Page> {
    let [next, request] = [new URL(url), init];
    for (let hops = 0; hops < 20; hops++) {
      this.trail.push(next.href);
      if (stopAt(next)) return { url: next, status: 0, headers: new Headers(), body: '' };
      const page = await this.send(next, request);
      const location = page.headers.get('location');
      if (page.status < 300 || page.status > 399 || !location) return page;
      [next, request] = [new URL(location, next), {}];
    }
    throw new Error(`more than 20 redirects, the last to ${next.href}`);
  }

  /** One request, no redirect followed. */
  async send(url: URL, init: RequestInit = {}): Promise<Page> {
    const headers = new Headers(init.headers);
    const cookies = [...this.jar].filter(([, { host }]) => host === url.hostname).map(([name, { value }]) => `${name}=${value}`);
    if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) this.keep(cookie, url);
    return { url, status: response.status, headers: response.headers, body: await response.text() };
  }

  /** Sends a form of the page, with the button that `pick` finds. */
  submit(
    page: Page,
    form: HtmlForm,
    values: Readonly<Record<string, string | readonly string[] | null>>,
    stopAt: (url: URL) => boolean,
  ): Promise<Page> {
    const body = new URLSearchParams();
    for (const [name, list] of form.fields) if (!(name in values)) for (const value of list) body.append(name, value);
    for (const [name, value] of Object.entries(values)) for (const each of value === null ? [] : [value].flat()) body.append(name, each);
    const action = new URL(form.action || page.url, page.url);
    if (form.method === 'get') {
      action.search = body.toString();
      return this.open(action, stopAt);
    }
    // what a browser says of a form it posts; the pages check it
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: page.url.origin,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
    };
    return this.open(action, stopAt, { method: 'POST', body: body.toString(), headers });
  }

  forms(page: Page): HtmlForm[] {
    return formsOf(page.body);
  }

  cookies(): ReadonlyMap<string, string> {
    return new Map([...this.jar].map(([name, { value }]) => [name, value]));
  }

  setCookie(name: string, value: string, host = 'localhost'): void {
    this.jar.set(name, { value, host });
  }

  private keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(';');
    const cut = pair.indexOf('=');
    const [name, value] = [pair.slice(0, cut).trim(), pair.slice(cut + 1).trim()];
    const gone = value === '' || attributes.some((each) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(each));
    if (gone) this.jar.delete(name);
    else this.jar.set(name, { value, host: url.hostname });
  }
}
