import { LauncherError } from './launcher-error.js';

/** How a reason of /health/ready begins when an owner of the log refuses its database (libs/event-log, log-owner). */
const REFUSED = /(the \w+ database|this database) is a restored copy/;

/** Waiting helps nobody: such a service becomes ready only after somebody has decided. `answer`: what /health/ready said. */
export function refuseRestoredCopy(answer: string): void {
  const [, which] = REFUSED.exec(answer) ?? [];
  if (which === undefined) return;
  throw new LauncherError(
    `Lanyard does not start, because ${which} is a restored copy on which sessions that have ended would live again: run ` +
      '`npx lanyard restore --end-all-sessions` in this environment, which says what it ends and with --yes goes on with the copy ' +
      '(docs/backup-and-restore.md).',
  );
}
