import { decodeBase64url } from './base64url.js';

export interface JwtHeader {
  readonly alg: string;
  readonly kid?: string;
  readonly typ?: string;
  readonly [member: string]: unknown;
}

export interface ParsedJwt {
  readonly header: JwtHeader;
  readonly claims: Record<string, unknown>;
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** Ours are below 2 KiB; a client's assertion with a certificate chain is below 16. */
const MAX_LENGTH = 16_384;
const MAX_HEADER = 4_096;
const MAX_KID = 255;

/** The form of a JWT, with nothing believed yet. null: not a compact JWS with JSON objects inside (RFC 7515 §5.2, RFC 7519 §7.2). */
export function parseJwt(jwt: string): ParsedJwt | null {
  if (jwt.length > MAX_LENGTH) return null;
  const parts = jwt.split('.', 4);
  if (parts.length !== 3) return null;
  const [head, body, sign] = parts as [string, string, string];
  if (head.length > MAX_HEADER || sign === '') return null;
  const header = jsonObject(head);
  const claims = header && isHeader(header) ? jsonObject(body) : null;
  const signature = decodeBase64url(sign);
  if (!header || !isHeader(header) || !claims || !signature) return null;
  return { header, claims, signingInput: `${head}.${body}`, signature };
}

function jsonObject(part: string): Record<string, unknown> | null {
  const bytes = decodeBase64url(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** `crit` names extensions that must be understood; we know none (RFC 7515 §4.1.11), `b64` (RFC 7797) among them. */
function isHeader(header: Record<string, unknown>): header is JwtHeader {
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || 'crit' in header || 'b64' in header) return false;
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID)) return false;
  return typ === undefined || typeof typ === 'string';
}
