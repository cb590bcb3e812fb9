import { SOURCES } from '#libs/contracts';
import type { Tx } from '#libs/database';
import { acceptCopy, Outbox } from '#libs/event-log';
import { recordAudit } from '../../../apps/auth/src/audit/record-audit.js';
import type { Owners } from './open-owners.js';
import { raiseAll } from './raise-all.js';

export interface Ended {
  readonly subjects: number;
  readonly clients: number;
  /** Witness files that are gone. */
  readonly witnesses: string[];
}

/**
 * First the end of everything, committed whole; then, and only then, the copy is let go on. A crash before the commit changed nothing, one
 * after it leaves the copy refused, and a repetition raises once more, which ends nothing new.
 */
export async function endEverything({ databases, dataDir }: Owners, progress: (text: string) => void): Promise<Ended> {
  const raised = await databases.auth.transaction((tx) => raiseEverybody(tx, progress));
  const witnesses: string[] = [];
  for (const source of SOURCES) witnesses.push(await acceptCopy(databases[source], source, dataDir));
  return { ...raised, witnesses };
}

async function raiseEverybody(tx: Tx, progress: (text: string) => void) {
  const outbox = new Outbox('auth');
  const actor = 'operator';
  const subjects = await raiseAll(tx, 'subject', async (rows) => {
    await outbox.add(tx, {
      events: rows.map(({ id: sub, gen }) => ({
        name: 'SubjectChanged',
        payload: { sub, gen, change: 'restored', initiated_by: 'admin', actor },
      })),
      revocations: rows.map(({ id, gen }) => ({ kind: 'subject', id, gen })),
    });
  });
  progress(`${subjects} users …`);
  const clients = await raiseAll(tx, 'client', async (rows) => {
    await outbox.add(tx, {
      events: rows.map(({ id: client_id, gen }) => ({ name: 'ClientChanged', payload: { client_id, gen, change: 'restored', actor } })),
      revocations: rows.map(({ id, gen }) => ({ kind: 'client', id, gen })),
    });
  });
  progress(`${clients} clients …`);
  const details = { subjects, clients };
  await recordAudit(tx, [{ actor, action: 'installation.restored', target: 'installation', reason: 'restore', details }]);
  return details;
}
