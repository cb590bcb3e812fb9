/** One line of the activity page, in words. */
export interface Happening {
  /** ms, database clock of whoever recorded it. */
  readonly at: number;
  readonly what: string;
  readonly more: readonly string[];
  readonly bad: boolean;
}
