import type { ServiceWithDoor } from './admin-client.js';
import type { Context } from './command.js';
import { EXIT } from './exit-codes.js';

interface Batch {
  readonly remaining: boolean;
  readonly confirmed?: boolean;
}

interface Work<B extends Batch> {
  readonly service: ServiceWithDoor;
  readonly path: string;
  readonly body: object;
  /** What it says of the things done: `ended`. */
  readonly verb: string;
  count(batch: B): number;
}

/** Batch after batch, so that no transaction holds a million rows and the operator sees it move. */
export async function inBatches<B extends Batch>(
  { admin, terminal }: Context,
  { service, path, body, verb, count }: Work<B>,
): Promise<number> {
  let done = 0;
  let confirmed = true;
  for (let remaining = true; remaining; ) {
    const batch = await admin.call<B>(service, 'POST', path, { body });
    done += count(batch);
    confirmed &&= batch.confirmed !== false;
    remaining = batch.remaining;
    if (remaining) terminal.progress(`${done} ${verb} …`);
  }
  terminal.print(
    terminal.json
      ? JSON.stringify({ [verb]: done, confirmed })
      : `${done} ${verb}${confirmed ? '' : ', not confirmed by every process yet'}`,
  );
  return confirmed ? EXIT.done : EXIT.notConfirmed;
}
