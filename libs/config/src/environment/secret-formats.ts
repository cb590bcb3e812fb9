import type { JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { SERVICES } from '#libs/contracts';

export const KEY_FORMAT = '32 bytes as base64, base64url or hex';

/** 32 bytes, in the spellings people use for them. */
export function keyBytes(text: string): Buffer | null {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 ? bytes : null;
}

export function pepperBytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length >= 32 ? bytes : null;
}

export function postgresUrl(text: string): string | null {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) ? text : null;
}

export function redisUrl(text: string): string | null {
  return /^rediss?:\/\//.test(text) && URL.canParse(text) ? text : null;
}

const ed25519 = z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().min(1) });
const privateEd25519 = ed25519.extend({ d: z.string().min(1) });
const publicKeys = z.looseObject({ keys: z.array(ed25519.extend({ kid: z.enum(SERVICES) })) });

export function privateJwk(text: string): JsonWebKey | null {
  const parsed = privateEd25519.safeParse(jsonOf(text));
  return parsed.success ? (parsed.data as JsonWebKey) : null;
}

/** Every service must be in it: a missing one could never call. A private member in it would be a leak to all of them. */
export function publicJwks(text: string): { keys: (JsonWebKey & { kid?: string })[] } | null {
  const parsed = publicKeys.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const { keys } = parsed.data;
  const complete = SERVICES.every((name) => keys.some((key) => key.kid === name)) && keys.every((key) => !('d' in key));
  return complete ? { keys: keys as (JsonWebKey & { kid?: string })[] } : null;
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
