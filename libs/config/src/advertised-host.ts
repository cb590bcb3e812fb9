import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Listening on all addresses, of which none is one that others could reach us by. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/**
 * The address that the view of this process is registered with, when nobody names one. Of several interfaces the first is a guess: it is logged, and
 * LANYARD_ADVERTISED_HOST is there to be set. A machine without a network has loopback alone, and nobody else to reach us.
 */
export function defaultAdvertisedHost(host: string, interfaces = networkInterfaces()): string {
  if (!isWildcard(host)) return host;
  const addresses = Object.values(interfaces).flatMap((list) => list ?? []);
  const outside = addresses.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address));
  const found = outside.find(({ family }) => family === 'IPv4') ?? (host === '::' ? outside[0] : undefined);
  return found?.address ?? '127.0.0.1';
}

/** A host name or an address without port, scheme or brackets. */
export function advertisedHost(text: string): string | null {
  const name = /^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$/i.test(text) || isIP(text) === 6;
  return name && !isWildcard(text) ? text : null;
}
