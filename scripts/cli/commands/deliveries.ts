import { acting, listing } from '../answers.js';
import { type Command, type Context, command } from '../command.js';
import { EXIT } from '../exit-codes.js';

export const DELIVERY_COMMANDS: readonly Command[] = [
  listing({
    name: 'deliveries list',
    summary: 'Logout tokens owed, the latest first; --state dead for those that were given up.',
    service: 'session',
    path: '/admin/deliveries',
    columns: ['delivery_id', 'client_id', 'sid', 'state', 'attempts', 'created_at', 'due_at', 'reason'],
    filters: { state: { query: 'state' }, client: { query: 'client_id' }, sid: { query: 'sid' } },
  }),
  acting({
    name: 'deliveries replay',
    summary: 'Makes a dead logout delivery due again.',
    service: 'session',
    path: '/admin/deliveries/{delivery_id}/replay',
    takes: ['delivery_id'],
  }),
  command({
    name: 'deliveries replay-all',
    summary: 'The same for all that are dead, or those of --client ID.',
    options: { client: { type: 'string' } },
    run: (context, { values }) => replayAll(context, values.client ? { client_id: values.client } : { all: true }),
  }),
];

async function replayAll({ admin, terminal }: Context, selector: object): Promise<number> {
  let replayed = 0;
  for (let remaining = true; remaining; ) {
    const batch = await admin.call<{ replayed: number[]; remaining: boolean }>('session', 'POST', '/admin/deliveries/replay', {
      body: selector,
    });
    replayed += batch.replayed.length;
    remaining = batch.remaining;
    if (remaining) terminal.progress(`${replayed} due again …`);
  }
  terminal.print(terminal.json ? JSON.stringify({ replayed }) : `${replayed} due again`);
  return EXIT.done;
}
