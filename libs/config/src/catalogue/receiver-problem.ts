import ipaddr from 'ipaddr.js';
import { isLoopbackHost } from '#libs/protocol';

/**
 * Whether this server may ever call that URL (SECURITY, SSRF): http and private hosts need the operator's word. Names are not
 * resolved here; the sender checks again, with the addresses, at every use.
 */
export function receiverProblem(text: string, allowed: boolean | readonly string[]): string | null {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  if (allowed === true || (Array.isArray(allowed) && allowed.some((name) => name.toLowerCase() === host))) return null;
  if (isPrivate(host)) return `expected a public host, or ${host} in settings.allow_private_receivers`;
  return url.protocol === 'http:' ? `expected https, or ${host} in settings.allow_private_receivers` : null;
}

function isPrivate(host: string): boolean {
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() !== 'unicast';
  return isLoopbackHost(host);
}
