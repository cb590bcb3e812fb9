import { timingSafeEqual } from 'node:crypto';
import type { Pepper } from '#libs/database';
import type { Counter } from '#libs/ephemeral';
import { BUILT_AUTH_METHODS, type BuiltAuthMethod, oauthError } from '#libs/protocol';
import type { Client } from './client.js';
import { type Credentials, credentialsOf, type Sent } from './credentials.js';
import { ProvenHeaders } from './proven-headers.js';

export interface AuthenticationRequest extends Sent {
  /** The client's network address: failures are counted per client and address. */
  address: string;
}

export const FAILURE_LIMIT = { limit: 100, windowMs: 60_000 };

/** 32 bytes that are nobody's hash: what a wrong or missing client's secret is compared with. */
const NOBODY = Buffer.alloc(32);
/** Two secrets live at once while one replaces the other; every comparison makes as many. */
const COMPARED = 2;

/**
 * Who is asking. Unknown, disabled and wrong get one answer after the same work. A right secret of 32 characters or more touches no
 * store and is never throttled; failures are counted, and shorter secrets are refused unread beyond the limit (docs/decisions/0007).
 */
export class ClientAuthenticator {
  private readonly proven = new ProvenHeaders();

  constructor(
    private readonly directory: { get(clientId: string): Promise<Client | null>; current?(clientId: string): Client | null },
    private readonly failures: Counter,
    private readonly pepper: Pepper,
  ) {}

  /**
   * A client whose same header was proven before, against the record that still holds. No promise, no hash, no store; null whenever anything is
   * new, which then goes the whole way through `authenticate`.
   */
  recognise({ authorization, params }: Sent): Client | null {
    const known = authorization === undefined ? undefined : this.proven.get(authorization);
    if (authorization === undefined || !known) return null;
    if (params.get('client_secret') !== undefined || params.get('client_assertion') !== undefined) return null;
    if (params.get('client_assertion_type') !== undefined || (params.get('client_id') ?? known.client_id) !== known.client_id) return null;
    if (this.directory.current?.(known.client_id) === known) return known;
    this.proven.forget(authorization);
    return null;
  }

  /** Throws `invalid_client`, `invalid_request` (two methods at once), `too_many_requests` or `temporarily_unavailable`. */
  async authenticate(request: AuthenticationRequest, methods: readonly BuiltAuthMethod[] = BUILT_AUTH_METHODS): Promise<Client> {
    const credentials = credentialsOf(request);
    if (credentials.method === 'client_assertion') throw unavailableMethod('client_assertion');
    const key = `${credentials.clientId} ${request.address}`;
    const client = await this.directory.get(credentials.clientId);
    const registered = client?.metadata.token_endpoint_auth_method;
    if (registered && !(BUILT_AUTH_METHODS as readonly string[]).includes(registered)) throw unavailableMethod(registered);
    if (client?.secrets.some((secret) => secret.weak)) await this.refuseBeyondLimit(key);
    const proven = this.proves(credentials, client);
    if (client && proven && !client.disabled && registered === credentials.method && methods.includes(credentials.method)) {
      if (credentials.method === 'client_secret_basic' && request.authorization) this.proven.remember(request.authorization, client);
      return client;
    }
    throw await this.failure(key, reasonOf(client, proven, credentials.method));
  }

  private proves(credentials: Exclude<Credentials, { method: 'client_assertion' }>, client: Client | null): boolean {
    if (credentials.method === 'none') return true;
    const shown = Buffer.from(this.pepper.mac('client_secret', credentials.secret), 'base64url');
    let equal = false;
    for (let index = 0; index < COMPARED; index++) {
      const hash = client?.secrets[index]?.hash;
      const stored = hash === undefined ? NOBODY : Buffer.from(hash, 'base64url');
      const same = timingSafeEqual(shown, stored.length === shown.length ? stored : NOBODY);
      equal = (same && hash !== undefined) || equal;
    }
    return equal;
  }

  private async refuseBeyondLimit(key: string): Promise<void> {
    const { retryAfterMs } = await this.failures.peek(key, FAILURE_LIMIT);
    if (retryAfterMs !== null) throw tooMany(retryAfterMs);
  }

  private async failure(key: string, detail: string): Promise<Error> {
    const { retryAfterMs } = await this.failures.hit(key, FAILURE_LIMIT);
    return retryAfterMs === null ? oauthError('invalid_client', { detail }) : tooMany(retryAfterMs);
  }
}

function tooMany(retryAfterMs: number): Error {
  return oauthError('too_many_requests', {
    description: 'Too many failed client authentications; try again later.',
    headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) },
  });
}

function unavailableMethod(method: string): Error {
  return oauthError('invalid_client', { description: `Client authentication by ${method} is not available on this server.` });
}

function reasonOf(client: Client | null, proven: boolean, method: string): string {
  if (!client) return 'unknown client';
  if (client.disabled) return 'client disabled';
  if (client.metadata.token_endpoint_auth_method !== method) return `${method} is not the registered method`;
  return proven ? `${method} is not allowed at this endpoint` : 'wrong secret';
}
