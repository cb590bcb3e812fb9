const OPENID = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';
/** What stands for itself in a URL and means nothing to the router. */
const PLAIN = /^(?:\/[\w.~-]+)*$/;

/**
 * Where the document is served. For an issuer with a path, OpenID Connect appends (Discovery §4), OAuth inserts (RFC 8414 §3.1), and
 * RFC 8414 §5 lets OpenID Connect clients insert as well. A proxy that serves the issuer's path may strip it: the plain addresses
 * answer always. Known limit: a path with other characters (`:`, `%20`) is served behind a proxy only.
 */
export function wellKnownPaths(issuer: string): string[] {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  if (path === '' || !PLAIN.test(path)) return [OPENID, OAUTH];
  return [OPENID, OAUTH, `${path}${OPENID}`, `${OPENID}${path}`, `${OAUTH}${path}`];
}
