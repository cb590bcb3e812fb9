import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from '#libs/keys';
import { PREFIX } from '#libs/protocol';

export const REFRESH_PREFIX = PREFIX.refreshToken;
const VERSION = 1;
const MAC_BYTES = 32;
const SEQ_BYTES = 6;
const MAX_TOKEN = 1_200;

/** A place in a grant's rotation. `sid` null: an offline grant. */
export interface RefreshPosition {
  readonly gid: string;
  readonly sid: string | null;
  readonly seq: number;
}

export interface RefreshMacKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/**
 * Refresh tokens name a grant and a position; nothing of them is stored (DESIGN, Tokens). The form, base64url in one piece:
 * version · kid · gid · sid (length-prefixed) · seq (6 bytes) · HMAC-SHA-256 over the prefix and all of it. The same position
 * under the same key is the same token: that is what gives a client that lost the answer the same successor again.
 */
export const refreshTokens = { encode, decode, kidOf };

function encode({ gid, sid, seq }: RefreshPosition, { kid, key }: RefreshMacKey): string {
  if (!Number.isSafeInteger(seq) || seq < 0 || seq >= 2 ** 48) throw new RangeError(`refresh sequence ${seq}`);
  const number = Buffer.alloc(SEQ_BYTES);
  number.writeUIntBE(seq, 0, SEQ_BYTES);
  const body = Buffer.concat([Buffer.of(VERSION), field(kid), field(gid), field(sid ?? ''), number]);
  return REFRESH_PREFIX + Buffer.concat([body, mac(body, key)]).toString('base64url');
}

/** null: not one of ours, whole and unaltered. The MAC is checked before anything else is read from the token. */
function decode(token: string, keyOf: (kid: string) => RefreshMacKey | undefined): RefreshPosition | null {
  const parsed = parse(token);
  const key = parsed && keyOf(parsed.kid);
  if (!key || !timingSafeEqual(mac(parsed.body, key.key), parsed.tag)) return null;
  return readPosition(parsed.body);
}

/** Which MAC key a token claims, nothing proven: so that a key another instance has just made can be read first. */
function kidOf(token: string): string | null {
  return parse(token)?.kid ?? null;
}

function parse(token: string): { kid: string; body: Buffer; tag: Buffer } | null {
  if (token.length > MAX_TOKEN || !token.startsWith(REFRESH_PREFIX)) return null;
  const bytes = decodeBase64url(token.slice(REFRESH_PREFIX.length));
  if (!bytes || bytes.length < 2 + MAC_BYTES || bytes[0] !== VERSION) return null;
  const body = bytes.subarray(0, -MAC_BYTES);
  const kid = readField(body, 1);
  return kid?.text ? { kid: kid.text, body, tag: bytes.subarray(-MAC_BYTES) } : null;
}

function readPosition(body: Buffer): RefreshPosition | null {
  const kid = readField(body, 1);
  const gid = kid && readField(body, kid.end);
  const sid = gid && readField(body, gid.end);
  if (!sid || gid.text === '' || body.length !== sid.end + SEQ_BYTES) return null;
  return { gid: gid.text, sid: sid.text === '' ? null : sid.text, seq: body.readUIntBE(sid.end, SEQ_BYTES) };
}

/** The prefix is under the MAC: a key of this use never speaks for another kind of token. */
function mac(body: Buffer, key: KeyObject): Buffer {
  return createHmac('sha256', key).update(REFRESH_PREFIX).update(body).digest();
}

function field(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 255) throw new RangeError('a field of a refresh token is longer than 255 bytes');
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function readField(from: Buffer, at: number): { text: string; end: number } | null {
  const length = from[at];
  if (length === undefined || at + 1 + length > from.length) return null;
  return { text: from.toString('utf8', at + 1, at + 1 + length), end: at + 1 + length };
}
