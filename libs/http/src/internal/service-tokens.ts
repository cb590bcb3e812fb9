import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { type ServiceName, serviceName } from '#libs/contracts';

/** A service token that doesn't prove what it must. The reason is for the log, the caller only learns 401. */
export class ServiceTokenRefused extends Error {}

const TYPE = 'lanyard-service+jwt';
const LIFETIME_S = 60;
const RENEW_BEFORE_S = 15;
/** Clocks of two machines; a service token is worth little and lives a minute. */
const LEEWAY_S = 30;
const CACHE_SIZE = 1024;

const headerShape = z.object({ alg: z.literal('EdDSA'), typ: z.literal(TYPE), kid: serviceName });
const claimsShape = z.object({
  iss: serviceName,
  aud: z.union([serviceName, z.literal('*')]),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
});

interface Verified {
  readonly caller: ServiceName;
  readonly audience: ServiceName | '*';
  readonly expires: number;
}

/**
 * Who is calling on the internal port: a 60 s EdDSA JWT per caller and callee. Trust comes from the key, not from the network
 * place. Verified once: the verdict is a pure function of token and keys, so it is kept by the token's hash until it expires.
 * `aud: "*"` is for calls to whoever holds a view (hints), and good for those routes only.
 */
export class ServiceTokens {
  private readonly privateKey: KeyObject;
  private readonly publicKeys = new Map<ServiceName, KeyObject[]>();
  private readonly issued = new Map<string, { token: string; renewAt: number }>();
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly self: ServiceName,
    keys: { privateJwk: JsonWebKey; publicJwks: { keys: readonly (JsonWebKey & { kid?: string })[] } },
    private readonly nowSeconds: () => number = () => Math.floor(Date.now() / 1000),
  ) {
    this.privateKey = createPrivateKey({ key: keys.privateJwk, format: 'jwk' });
    for (const jwk of keys.publicJwks.keys) {
      const name = serviceName.parse(jwk.kid);
      this.publicKeys.set(name, [...(this.publicKeys.get(name) ?? []), createPublicKey({ key: jwk, format: 'jwk' })]);
    }
  }

  /** A token for this callee, reused while it has life left. */
  for(audience: ServiceName | '*'): string {
    const now = this.nowSeconds();
    const cached = this.issued.get(audience);
    if (cached && now < cached.renewAt) return cached.token;
    const header = encode({ alg: 'EdDSA', typ: TYPE, kid: this.self });
    const claims = encode({ iss: this.self, aud: audience, iat: now, exp: now + LIFETIME_S, jti: randomBytes(12).toString('base64url') });
    const token = `${header}.${claims}.${sign(null, Buffer.from(`${header}.${claims}`), this.privateKey).toString('base64url')}`;
    this.issued.set(audience, { token, renewAt: now + LIFETIME_S - RENEW_BEFORE_S });
    return token;
  }

  /** The caller's name, or ServiceTokenRefused. */
  verify(token: string, accepts: { anyAudience: boolean }): ServiceName {
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(key) ?? this.remember(key, this.check(token));
    if (known.expires + LEEWAY_S <= this.nowSeconds()) throw new ServiceTokenRefused('expired');
    if (known.audience !== this.self && !(known.audience === '*' && accepts.anyAudience)) throw new ServiceTokenRefused('wrong audience');
    return known.caller;
  }

  private check(token: string): Verified {
    if (token.length > 2048) throw new ServiceTokenRefused('too long');
    const parts = token.split('.');
    const [header = '', claims = '', signature = ''] = parts;
    if (parts.length !== 3) throw new ServiceTokenRefused('not a compact JWS');
    const head = headerShape.safeParse(decode(header));
    if (!head.success) throw new ServiceTokenRefused('wrong header');
    const bytes = Buffer.from(`${header}.${claims}`);
    const mac = Buffer.from(signature, 'base64url');
    const keys = this.publicKeys.get(head.data.kid) ?? [];
    if (!keys.some((publicKey) => verify(null, bytes, publicKey, mac))) throw new ServiceTokenRefused('wrong signature');
    const body = claimsShape.safeParse(decode(claims));
    if (!body.success || body.data.iss !== head.data.kid) throw new ServiceTokenRefused('wrong claims');
    if (body.data.iat - LEEWAY_S > this.nowSeconds()) throw new ServiceTokenRefused('issued in the future');
    if (body.data.exp - body.data.iat > LIFETIME_S) throw new ServiceTokenRefused('lives too long');
    return { caller: body.data.iss, audience: body.data.aud, expires: body.data.exp };
  }

  /** Bounded: only tokens that verified come here, and the oldest goes first. */
  private remember(key: string, verified: Verified): Verified {
    if (this.verified.size >= CACHE_SIZE) this.verified.delete(this.verified.keys().next().value ?? '');
    this.verified.set(key, verified);
    return verified;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown;
  } catch {
    throw new ServiceTokenRefused('not JSON');
  }
}
