import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * cookies/ owns the two cookies of auth and what ties a form to a browser. `session`: the session's secret, given by the session
 * service at login. `browser`: ties interactions to the browser they began in. Neither is a token and neither is ever in a URL.
 *
 * Names carry a hash of the issuer, since all ports of one host share cookies; on https `__Host-` keeps siblings and
 * subdomains from writing them.
 */
export type CookieKind = 'session' | 'browser';

export class Cookies {
  private readonly secure: boolean;
  private readonly names: Readonly<Record<CookieKind, string>>;
  private static readonly VALUE = /^[A-Za-z0-9_-]{20,200}$/;

  constructor(issuer: string) {
    this.secure = issuer.startsWith('https:');
    const hash = createHash('sha256').update(issuer).digest('base64url').slice(0, 8);
    const prefix = this.secure ? '__Host-' : '';
    this.names = { session: `${prefix}lanyard-session-${hash}`, browser: `${prefix}lanyard-browser-${hash}` };
  }

  /** null when absent or not of our making. Sent twice with different values (a sibling tosses cookies): none of them is believed. */
  read(request: FastifyRequest, kind: CookieKind): string | null {
    const name = this.names[kind];
    const found = new Set<string>();
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const cut = pair.indexOf('=');
      if (cut !== -1 && pair.slice(0, cut).trim() === name) found.add(pair.slice(cut + 1).trim());
    }
    const [value] = found;
    return found.size === 1 && value !== undefined && Cookies.VALUE.test(value) ? value : null;
  }

  /** `maxAge` in seconds; null: until the browser is closed. */
  set(reply: FastifyReply, kind: CookieKind, value: string, maxAge: number | null): void {
    this.append(reply, `${this.names[kind]}=${value}${maxAge === null ? '' : `; Max-Age=${maxAge}`}`);
  }

  clear(reply: FastifyReply, kind: CookieKind): void {
    this.append(reply, `${this.names[kind]}=; Max-Age=0`);
  }

  /** Lax: the cookie must come along when a client's page sends the person here. */
  private append(reply: FastifyReply, pair: string): void {
    reply.header('set-cookie', `${pair}; Path=/; HttpOnly; SameSite=Lax${this.secure ? '; Secure' : ''}`);
  }
}
