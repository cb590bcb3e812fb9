const ALPHABET = /^[A-Za-z0-9_-]*$/;
/** Last characters whose unused low bits are zero, by length modulo 4 (RFC 4648 §3.5). */
const CLEAN_TAIL = ['', '', 'AQgw', 'AEIMQUYcgkosw048'] as const;

/**
 * Strict: Node's own decoder drops foreign characters, padding and stray low bits, so that many strings would decode to one
 * value. Here one value has one spelling, and every changed bit of a token is seen.
 */
export function decodeBase64url(text: string): Buffer | null {
  const rest = text.length % 4;
  if (rest === 1 || !ALPHABET.test(text)) return null;
  if (rest > 1 && !CLEAN_TAIL[rest as 2 | 3].includes(text.charAt(text.length - 1))) return null;
  return Buffer.from(text, 'base64url');
}
