import type { EventPayload, RevocationEntry } from '#libs/contracts';
import type { Tx } from '#libs/database';
import type { Outbox } from '#libs/event-log';

/** The event, and the entry by which every process drops its cached record, also where the generation stays what it was. */
export function publishClient(tx: Tx, outbox: Outbox, changed: EventPayload<'ClientChanged'>): Promise<RevocationEntry[]> {
  return outbox.add(tx, {
    events: [{ name: 'ClientChanged', payload: changed }],
    revocations: [{ kind: 'client', id: changed.client_id, gen: changed.gen }],
  });
}
