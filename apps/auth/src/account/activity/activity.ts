import { z } from 'zod';
import { cursorNumber, cursorOf, cursorTime } from '#libs/admin-api';
import { identifier, sessionApi } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { InternalClient } from '#libs/http';
import { auditHappenings } from './audit-happenings.js';
import { endedHappening } from './ended-happening.js';
import type { Happening } from './happening.js';

/** Where each of the two records stands: the last audit id told, and the last end told. */
const cursor = cursorOf(
  'activity',
  z.tuple([cursorNumber.nullable(), z.strictObject({ ended_at: cursorTime, sid: identifier }).nullable()]),
);

const PAGE = 25;

/** Two records, auth's and the session service's, told as one. Each is continued where it stopped, so nothing is told twice or left out. */
export class Activity {
  constructor(
    private readonly db: Sql,
    private readonly internal: InternalClient,
  ) {}

  async page(
    sub: string,
    encoded: string | undefined,
    nameOf: (clientId: string) => Promise<string>,
  ): Promise<{ happenings: Happening[]; next: string | null }> {
    const [auditBefore, endedBefore] = cursor.decode(encoded) ?? [null, null];
    const limit = PAGE + 1;
    const [audited, { sessions }] = await Promise.all([
      auditHappenings(this.db, { sub, before: auditBefore, limit, nameOf }),
      this.internal.call(sessionApi.ended, { sub, before: endedBefore, limit }),
    ]);
    const all = [
      ...audited.map((happening) => ({ happening, audit: happening.id, ended: null })),
      ...sessions.map((session) => ({
        happening: endedHappening(session),
        audit: null,
        ended: { ended_at: session.ended_at, sid: session.sid },
      })),
    ].sort((a, b) => b.happening.at - a.happening.at);
    const shown = all.slice(0, PAGE);
    const last = <T>(values: (T | null)[], otherwise: T | null) => values.findLast((value) => value !== null) ?? otherwise;
    const next = cursor.encode([
      last(
        shown.map(({ audit }) => audit),
        auditBefore,
      ),
      last(
        shown.map(({ ended }) => ended),
        endedBefore,
      ),
    ]);
    return { happenings: shown.map(({ happening }) => happening), next: all.length > PAGE ? next : null };
  }
}
