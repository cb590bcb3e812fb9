import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { ReceiverPolicy, ReceiverRefused } from './receiver-policy.js';

export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** All addresses of a name, from the system's resolver. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true, verbatim: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/**
 * The lookup that the socket itself calls: what is checked is what is connected to. Resolving first and connecting by name after would
 * leave a second resolution to whoever owns the name (DNS rebinding).
 */
export function checkedLookup(policy: ReceiverPolicy, resolve: Resolve): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    checked(policy, resolve, hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, options.all ? [] : '', 0),
    );
  };
}

async function checked(policy: ReceiverPolicy, resolve: Resolve, hostname: string): Promise<LookupAddress[]> {
  const addresses = await resolve(hostname);
  if (addresses.length === 0) throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
  for (const { address } of addresses) policy.checkAddress(hostname, address);
  return addresses;
}

/** The refusal may arrive wrapped: by the dispatcher, or by the socket that tried several addresses. */
export function refusalIn(error: unknown): ReceiverRefused | null {
  if (error instanceof ReceiverRefused) return error;
  if (error instanceof AggregateError) return error.errors.map(refusalIn).find((found) => found !== null) ?? null;
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : null;
}
