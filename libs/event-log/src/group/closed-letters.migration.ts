/**
 * A dead letter can be closed. Adds only: the version before writes neither column, and goes on while both serve. To it a closed letter is open still:
 * its list and its gauge count it, and its replay hands an event over that needs none, which changes nothing.
 */
export function closedLettersMigration(schema: string): { up: string[]; down: string[] } {
  return {
    up: [
      `ALTER TABLE ${schema}.dead_letter ADD COLUMN closed_at timestamptz, ADD COLUMN close_reason text,
         ADD CONSTRAINT dead_letter_closed_for_a_reason CHECK ((closed_at IS NULL) = (close_reason IS NULL))`,
    ],
    down: [`ALTER TABLE ${schema}.dead_letter DROP COLUMN closed_at, DROP COLUMN close_reason`],
  };
}
