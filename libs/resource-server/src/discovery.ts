import type { Wire } from './wire/send.js';

export interface Endpoints {
  readonly jwks: URL;
  readonly introspection: URL;
  readonly feed: URL;
}

const PATIENCE_MS = 5_000;

/** RFC 8414 §3.3: the document's issuer must be the very one that was asked for, or another server could speak for it. */
export async function discover(issuer: string, wire: Wire): Promise<Endpoints> {
  const url = new URL(issuer);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { status, text } = await wire.ask(url, { method: 'GET', timeoutMs: PATIENCE_MS });
  if (status !== 200) throw new Error(`${url.href} answered ${status}`);
  const document = objectOf(text);
  if (document?.issuer !== issuer) throw new Error(`${url.href} is not the metadata of ${issuer}`);
  const endpoint = (name: string): URL => {
    const value = document[name];
    if (typeof value !== 'string' || !URL.canParse(value)) throw new Error(`${url.href} has no ${name}: not a Lanyard server`);
    const at = new URL(value);
    // A document fetched over TLS must not lead the credentials out of it.
    if (at.protocol !== 'https:' && at.protocol !== url.protocol) throw new Error(`${name} of ${issuer} is not ${url.protocol}`);
    return at;
  };
  return {
    jwks: endpoint('jwks_uri'),
    introspection: endpoint('introspection_endpoint'),
    feed: endpoint('lanyard_revocation_feed_endpoint'),
  };
}

/** Null: no JSON, or no object. */
export function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
