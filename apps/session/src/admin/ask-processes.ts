import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { readSamples } from '#libs/metrics';
import { FIGURES, type ProcessStatus } from './status-routes.js';

/** A collector of theirs gives up after 2 s. */
const ASK_MS = 4_000;

type Registered = Pick<ProcessStatus, 'service' | 'address' | 'view_id' | 'lapsed'>;

/**
 * Every process holds a view and registers it with its internal address, whatever stands in front of its public one: so each is found, and what one
 * of them says can't hide behind a load balancer's choice of another.
 */
@Injectable()
export class AskProcesses {
  constructor(private readonly db: Database) {}

  async all(): Promise<ProcessStatus[]> {
    const { rows } = await this.db.query<Registered>(
      `SELECT service, address, view_id, lease_until <= c.now AS lapsed FROM view, (SELECT lanyard.now() AS now OFFSET 0) c
       ORDER BY service, address, view_id`,
    );
    return Promise.all(rows.map((row) => this.ask(row)));
  }

  private async ask(row: Registered): Promise<ProcessStatus> {
    try {
      const answer = await fetch(`${row.address}/metrics`, { redirect: 'error', signal: AbortSignal.timeout(ASK_MS) });
      if (!answer.ok) return { ...row, problem: `answered ${answer.status}`, samples: [] };
      return { ...row, problem: null, samples: readSamples(await answer.text(), FIGURES) };
    } catch (error) {
      const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
      return { ...row, problem: cause?.code ?? `no answer within ${ASK_MS / 1_000} s`, samples: [] };
    }
  }
}
