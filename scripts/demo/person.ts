import { fillForm } from './html-form.js';

/** Where a person ended up: a page of the server, or the address of an application that the browser was sent to. */
export type Place = { page: string; url: URL } | { sentTo: URL };

/** A browser without a screen: cookies, redirects, forms. It keeps to the server and stops where it is sent away from it. */
export class Person {
  private readonly cookies = new Map<string, string>();

  constructor(
    readonly name: string,
    private readonly server: string,
  ) {}

  visit(url: URL | string): Promise<Place> {
    return this.go(new URL(url), { method: 'GET' });
  }

  /** Fills in the page's form as a person would, and presses the button with that text. */
  submit(place: Place, button: string, values: Record<string, string | boolean> = {}): Promise<Place> {
    if (!('page' in place)) throw new Error(`${this.name} has no page before her, she was sent to ${place.sentTo.href}`);
    const { action, body } = fillForm(place.page, button, values);
    return this.go(new URL(action, place.url), { method: 'POST', body });
  }

  private async go(url: URL, init: { method: string; body?: URLSearchParams }): Promise<Place> {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { cookie: this.cookieHeader(), accept: 'text/html', origin: this.server },
    });
    if (response.status === 503) throw new Error(`${url.pathname} answered 503: not now, try again`);
    for (const line of response.headers.getSetCookie()) this.keep(line);
    const location = response.headers.get('location');
    if (!location || response.status < 300 || response.status > 399) return { page: await response.text(), url };
    const next = new URL(location, url);
    return next.origin === new URL(this.server).origin ? this.go(next, { method: 'GET' }) : { sentTo: next };
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    const gone = attributes.some((attribute) => /^\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute));
    if (gone) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(equals + 1).trim());
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
