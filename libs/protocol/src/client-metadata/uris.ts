/** What is wrong with a URI in a registration, as half a sentence ("expected …"); null = nothing. No I/O: names are not resolved here. */
export type UriProblem = string | null;

/** Schemes that a browser would run or read instead of handing to an app. */
const NEVER = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:', 'filesystem:', 'ws:', 'wss:', 'ftp:']);

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]';
}

/**
 * Absolute, without fragment or userinfo, https; http only to loopback (RFC 9700 §2.1, RFC 8252 §7.3); native apps may use schemes of
 * their own (RFC 8252 §7.1). Compared later as exact strings, so control characters and backslashes, which parsers drop or turn, stay out.
 */
export function redirectUriProblem(text: string, native: boolean): UriProblem {
  const url = parsed(text);
  if (!url) return 'expected an absolute URI without spaces or backslashes';
  if (text.includes('#')) return 'expected a URI without a fragment (RFC 6749 §3.1.2)';
  if (text.includes('*')) return 'expected an exact URI: wildcards are never matched';
  if (url.username || url.password) return 'expected a URI without user name or password';
  if (url.protocol === 'https:') return null;
  if (url.protocol === 'http:') return isLoopbackHost(url.hostname) ? null : 'expected https (http is for loopback hosts only)';
  if (NEVER.has(url.protocol)) return `expected https: the scheme ${url.protocol} is never allowed`;
  return native ? null : 'expected https (own schemes are for application_type native)';
}

/** Pages of the client that people follow a link to: https, or http on loopback while developing. */
export function pageUriProblem(text: string): UriProblem {
  const url = parsed(text);
  if (!url) return 'expected an absolute URL';
  if (url.protocol === 'https:' || url.protocol === 'http:') return null;
  return 'expected an https URL';
}

/**
 * URIs that this server itself calls (Back-Channel Logout §2.2: absolute, no fragment, http only for confidential clients). Which
 * hosts may be private is checked with the settings, at the import and again at every use.
 */
export function calledUriProblem(text: string, httpAllowed: boolean): UriProblem {
  const url = parsed(text);
  if (!url) return 'expected an absolute URL';
  if (text.includes('#')) return 'expected a URL without a fragment';
  if (url.username || url.password) return 'expected a URL without user name or password';
  if (/[{}$]/.test(url.host)) return 'expected a fixed host';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && httpAllowed)) return null;
  return url.protocol === 'http:' ? 'expected https (http is for confidential clients only)' : 'expected an https URL';
}

export function originProblem(text: string): UriProblem {
  const url = parsed(text);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text
    ? null
    : 'expected an origin such as https://app.example';
}

function parsed(text: string): URL | null {
  // Only visible ASCII: parsers drop or turn controls, spaces and backslashes, so two spellings would be one.
  if (/[^!-~]|\\/.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  // `http:host` and `https:/host` parse too.
  return (url.protocol === 'https:' || url.protocol === 'http:') && !/^https?:\/\/[^/]/i.test(text) ? null : url;
}
