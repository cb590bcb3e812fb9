/**
 * Pure: what one relay step does under its partition's lock. All unnumbered rows, contiguously, in the order they were written.
 * Leaving any out (a LIMIT, SKIP LOCKED) would let a watermark say "complete up to n" while an older commit still has no number.
 */
export interface Numbering {
  rowIds: number[];
  numbers: number[];
  last: number;
}

export function numberRows(last: number, unnumbered: readonly number[]): Numbering {
  const rowIds = [...unnumbered].sort((a, b) => a - b);
  return { rowIds, numbers: rowIds.map((_, index) => last + 1 + index), last: last + rowIds.length };
}
