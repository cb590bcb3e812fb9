import type { Initiator } from '#libs/contracts';

/** Who changed a subject, as ends of sessions say it: the person, or somebody with an operator's rights. */
export function initiatorOf(actor: string, sub: string): Initiator {
  return actor === sub ? 'user' : 'admin';
}
