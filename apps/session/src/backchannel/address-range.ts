import ipaddr from 'ipaddr.js';

/** `public`: anyone's. `private`: ours or the machine's, allowed only by the operator's switch. `never`: no receiver lives there. */
export type AddressRange = 'public' | 'private' | 'never';

const PRIVATE = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/** Public by number, but a cloud's machine metadata by use (Azure's wire server). */
const METADATA = new Set(['168.63.129.16']);

/** All that is not plainly routed global unicast is refused, so a range we never heard of is too. */
export function rangeOf(address: string): AddressRange {
  if (!ipaddr.isValid(address) || address.includes('%')) return 'never';
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toString())) return 'never';
  const range = parsed.range();
  if (PRIVATE.has(range)) return 'private';
  if (range !== 'unicast') return 'never';
  // 2000::/3 is all of IPv6 that is handed out; NAT64's local prefix 64:ff9b:1::/48 and site-local fec0::/10 are outside of it.
  if (parsed.kind() === 'ipv6' && !parsed.match(ipaddr.parseCIDR('2000::/3'))) return 'never';
  return 'public';
}
