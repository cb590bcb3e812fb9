import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Pepper, randomSecret } from '#libs/database';
import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { Cookies } from './cookies.js';

export const CSRF_FIELD = 'csrf';

/**
 * A form is answered only in the browser it was shown to: the token is an HMAC over the purpose, the handle and the browser's
 * cookie, which other sites can neither read nor set. The Fetch Metadata check stops what comes from elsewhere before that;
 * the Origin header is no help, since our own pages send none (Referrer-Policy: no-referrer makes it `null`).
 */
export class FormGuard {
  constructor(
    private readonly cookies: Cookies,
    private readonly pepper: Pepper,
  ) {}

  /** The browser's cookie, given to it now if it has none. */
  ensureBrowser(request: FastifyRequest, reply: FastifyReply): string {
    const present = this.cookies.read(request, 'browser');
    if (present) return present;
    const fresh = randomSecret('lanyard_bc_');
    this.cookies.set(reply, 'browser', fresh, null);
    return fresh;
  }

  browserOf(request: FastifyRequest): string | null {
    return this.cookies.read(request, 'browser');
  }

  /** What is stored with an interaction instead of the cookie. */
  bindingOf(browser: string): string {
    return this.pepper.mac('interaction', `browser:${browser}`);
  }

  isBoundTo(browser: string | null, binding: string): boolean {
    return browser !== null && this.pepper.equal(this.bindingOf(browser), binding);
  }

  tokenFor(purpose: string, handle: string, browser: string): string {
    return this.pepper.mac('csrf', `${purpose}\n${handle}\n${browser}`);
  }

  matches(sent: string, purpose: string, handle: string, browser: string): boolean {
    return this.pepper.equal(sent, this.tokenFor(purpose, handle, browser));
  }

  /** Refuses a post that did not come from the form this browser was shown. */
  check(request: FastifyRequest, form: Parameters, purpose: string, handle: string): void {
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') throw foreign(`sec-fetch-site ${String(site).slice(0, 20)}`);
    const browser = this.browserOf(request);
    const sent = form.get(CSRF_FIELD);
    if (!browser) throw foreign('no browser cookie');
    if (!sent || !this.matches(sent, purpose, handle, browser)) throw foreign('wrong token');
  }
}

function foreign(detail: string) {
  return oauthError('access_denied', {
    description: 'This form was not sent from the page it belongs to, or cookies are blocked in this browser.',
    detail,
  });
}
