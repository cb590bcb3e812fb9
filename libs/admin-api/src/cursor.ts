import { z } from 'zod';
import { oauthError } from '#libs/protocol';

export type CursorShape = z.ZodTuple<[z.ZodType, ...z.ZodType[]]>;

export interface CursorCodec<S extends CursorShape> {
  encode(key: z.input<S>): string;
  /** null: the first page. Throws 400 for anything that is not exactly one of ours. */
  decode(cursor: string | undefined): z.output<S> | null;
}

/**
 * Where the next page begins: the sort key of the last row, not a number of rows to skip, so that page 10,000 costs what page 1 does and no row
 * comes twice when others are written meanwhile. Opaque to callers; a key is no secret and gives no right, so it is not signed.
 */
export function cursorOf<S extends CursorShape>(shape: S): CursorCodec<S> {
  return {
    encode: (key) => Buffer.from(JSON.stringify(key)).toString('base64url'),
    decode(cursor) {
      if (cursor === undefined) return null;
      const parsed = shape.safeParse(jsonOf(cursor));
      if (!parsed.success) throw oauthError('invalid_request', { description: 'query.cursor: not a cursor of this list' });
      return parsed.data as z.output<S>;
    },
  };
}

function jsonOf(cursor: string): unknown {
  const bytes = Buffer.from(cursor, 'base64url');
  // Buffer skips what is no base64url; the same bytes must have one form only.
  if (bytes.toString('base64url') !== cursor) return null;
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
