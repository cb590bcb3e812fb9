import { z } from 'zod';

export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null: this is the last one. */
  next: string | null;
}

/** Members of a list's query: `z.strictObject({ ...pageQuery, state: … })`. */
export const pageQuery = {
  limit: z.int().min(1).max(200).default(50).describe('How many items at most.'),
  cursor: z.string().min(1).max(1_024).optional().describe('`next` of the page before.'),
};

export function pageResponse<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/** `rows`: up to `limit + 1` of them, the one too many only telling that there is more. */
export function pageOf<R, T>(rows: readonly R[], limit: number, of: { item(row: R): T; cursor(row: R): string }): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map((row) => of.item(row)), next: rows.length > limit && last !== undefined ? of.cursor(last) : null };
}
