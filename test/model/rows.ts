/** Times are ticks, but for what the real reader keeps in milliseconds. */
export interface Row {
  readonly id: number;
  readonly what: 's' | 'b';
  readonly at: number;
  readonly opened: number;
  readonly committed: boolean;
  readonly pseq: number | null;
}

export interface Snapshot {
  readonly rows: readonly Row[];
  readonly last: number;
}
