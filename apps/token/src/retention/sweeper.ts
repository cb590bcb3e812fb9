import { Database } from '#libs/database';
import { Ticker } from '#libs/event-log';
import { deleteOldCodes } from '../codes/code.store.js';
import { deleteOldWithdrawals } from '../codes/withdrawn-consents.js';
import { deleteDeadGrants } from '../grants/grant.store.js';

const BATCH = 1_000;

/** apps/token/src/retention owns how long rows are kept. Deletes what nothing can hang from any more. Never needed for correctness; any number of instances share the work. */
export class Sweeper {
  private readonly ticker: Ticker;

  constructor(
    private readonly db: Database,
    options: { everyMs?: number; onError?: (error: unknown) => void } = {},
  ) {
    this.ticker = new Ticker(options.everyMs ?? 60_000, async () => void (await this.sweep()), options.onError);
  }

  start(): void {
    this.ticker.start();
  }

  stop(): Promise<void> {
    return this.ticker.stop();
  }

  async sweep(): Promise<{ codes: number; grants: number }> {
    await emptied(() => deleteOldWithdrawals(this.db, BATCH));
    return { codes: await emptied(() => deleteOldCodes(this.db, BATCH)), grants: await emptied(() => deleteDeadGrants(this.db, BATCH)) };
  }
}

async function emptied(batch: () => Promise<number>): Promise<number> {
  let all = 0;
  for (;;) {
    const swept = await batch();
    all += swept;
    if (swept < BATCH) return all;
  }
}
