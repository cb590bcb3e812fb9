import { z } from 'zod';
import { oauthError, unstorableAt } from '#libs/protocol';

export type CursorShape = z.ZodTuple<[z.ZodType, ...z.ZodType[]]>;

export interface CursorCodec<S extends CursorShape> {
  encode(key: z.input<S>): string;
  /** null: the first page. Throws 400 for anything that is not exactly one of ours. */
  decode(cursor: string | undefined): z.output<S> | null;
}

/** A time in a cursor: milliseconds since the epoch, no later than a Date can be, which is less than what the database can hold. */
export const cursorTime = z.int().min(0).max(8.64e15);

/** A row's number in a cursor. */
export const cursorNumber = z.int().positive();

/**
 * Where the next page begins: the sort key of the last row, not a number of rows to skip, so that page 10,000 costs what page 1 does and no row
 * comes twice when others are written meanwhile. Opaque to callers; a key is no secret and gives no right, so it is not signed: whoever makes one up
 * is told so, or gets a page. `list` is in it, because another list's key may fit by its form and would begin the page anywhere.
 */
export function cursorOf<S extends CursorShape>(list: string, shape: S): CursorCodec<S> {
  return {
    encode: (key) => Buffer.from(JSON.stringify([list, ...(key as unknown[])])).toString('base64url'),
    decode(cursor) {
      if (cursor === undefined) return null;
      const [tag, ...key] = membersOf(cursor);
      const parsed = tag === list && unstorableAt(key) === null ? shape.safeParse(key) : null;
      if (!parsed?.success) throw oauthError('invalid_request', { description: 'query.cursor: not a cursor of this list' });
      return parsed.data as z.output<S>;
    },
  };
}

function membersOf(cursor: string): unknown[] {
  const bytes = Buffer.from(cursor, 'base64url');
  // Buffer skips what is no base64url; the same bytes must have one form only.
  if (bytes.toString('base64url') !== cursor) return [];
  try {
    const members = JSON.parse(bytes.toString('utf8')) as unknown;
    return Array.isArray(members) ? (members as unknown[]) : [];
  } catch {
    return [];
  }
}
