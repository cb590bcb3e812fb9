import { acting, listing } from '../answers.js';
import { type Command, command } from '../command.js';
import { inBatches } from '../in-batches.js';

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
    run: (context, { values }) =>
      inBatches<{ replayed: number[]; remaining: boolean }>(context, {
        service: 'session',
        path: '/admin/deliveries/replay',
        body: values.client ? { client_id: values.client } : { all: true },
        verb: 'replayed',
        count: ({ replayed }) => replayed.length,
      }),
  }),
];
