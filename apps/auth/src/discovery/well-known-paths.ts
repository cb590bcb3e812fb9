/**
 * discovery/ owns what this server says about itself: the metadata document of RFC 8414 and OpenID Connect Discovery 1.0, made
 * from the configuration and from what is built. It may not read the request (addresses never come from Host) and names nothing
 * that isn't there. Clients call it, and the reverse proxy's health checks may.
 */
const OPENID = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

/**
 * Where the document is served. For an issuer with a path, OpenID Connect appends (Discovery §4) and OAuth inserts (RFC 8414 §3.1);
 * RFC 8414 §5 has both insert. A reverse proxy may strip the issuer's path, so the plain addresses answer always.
 */
export function wellKnownPaths(issuer: string): string[] {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  return [...new Set([OPENID, OAUTH, `${path}${OPENID}`, `${OAUTH}${path}`, `${OPENID}${path}`])];
}
