import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * X-Forwarded-For is believed only from a socket that is itself a trusted proxy, and only up to the first address from the right
 * that isn't one: everything left of it was written by the client (RFC 9700 §4.13).
 */
export class TrustedProxies {
  private readonly ranges: Range[];

  constructor(proxies: readonly string[]) {
    this.ranges = proxies.map((proxy) => (proxy.includes('/') ? ipaddr.parseCIDR(proxy) : single(proxy)));
  }

  clientOf(socketAddress: string, forwardedFor: string | string[] | undefined): string {
    const socket = normal(socketAddress);
    if (!socket) return 'unknown';
    if (!forwardedFor || !this.trusts(socket)) return socket;
    const hops = String(forwardedFor).split(',').reverse();
    let client = socket;
    for (const hop of hops) {
      const address = normal(hop.trim());
      if (!address) return client;
      client = address;
      if (!this.trusts(address)) return client;
    }
    return client;
  }

  trusts(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match([range, bits] as [ipaddr.IPv4, number]));
  }
}

function single(address: string): Range {
  const parsed = ipaddr.process(address);
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128];
}

/** IPv4-mapped IPv6 becomes IPv4, so that one client is one key. */
function normal(address: string): string | null {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : null;
}
