import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { Log } from '#libs/http';
import { recordAudit } from '../audit/record-audit.js';
import { Announce } from '../grants/announce.js';
import { CHECKPOINTS } from '../ports.js';
import { keyStore, type StoredKey } from './key.store.js';
import type { KeyLine } from './key-line.js';
import { KeyService } from './key-service.js';
import { advanceLine, liveOf, take } from './rotate-keys.js';

export interface LineState {
  readonly active: string | null;
  readonly pending: string | null;
  readonly takesOverAt: number | null;
}

export interface RevokedKey {
  readonly revoked: boolean;
  /** The key that took over; null: it was not the active one. */
  readonly successor: string | null;
  readonly confirmed: boolean;
}

/** What an operator does to keys out of turn; under the line's lock, like every rotation. */
@Injectable()
export class ChangeKeys {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly keys: KeyService,
    private readonly announce: Announce,
    private readonly log: Log,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  /**
   * A successor as soon as it may take over; one that waits already is hastened. Never before every holder and every cache of the JWKS has it, so
   * nothing breaks and nothing is instant: that is `revoke`. null: no such line.
   */
  async rotate(name: string, actor: string): Promise<LineState | null> {
    const { policies, making } = this.keys.rotation;
    const live = await this.db.transaction(async (tx) => {
      const line = (await keyStore.lines(tx)).find((known) => known.line === name);
      if (!line) return null;
      await keyStore.lockLine(tx, name);
      const now = await keyStore.now(tx);
      const { pendingMs } = policies[line.purpose];
      const waiting = kidOf(await liveOf(tx, line), 'pending');
      if (waiting) await keyStore.hasten(tx, waiting, now, pendingMs);
      else await take(tx, line, { do: 'create', state: 'pending', activatesAt: now + pendingMs }, now, making);
      const successor = waiting ?? kidOf(await liveOf(tx, line), 'pending');
      await advanceLine(tx, line, policies, making);
      await recordAudit(tx, [{ actor, action: 'key.rotated', target: name, reason: 'admin', details: { successor } }]);
      await this.checkpoints.reach('token.keys.rotate.before-commit');
      return liveOf(tx, line);
    });
    if (!live) return null;
    await this.checkpoints.reach('token.keys.rotate.after-commit');
    await this.keys.readNow().catch(() => undefined);
    const takesOverAt = live.find((key) => key.state === 'pending')?.activatesAt ?? null;
    this.log.info('a line of keys is rotated out of turn', { name, kid: kidOf(live, 'pending'), reason: 'admin', actor });
    return { active: kidOf(live, 'active'), pending: kidOf(live, 'pending'), takesOverAt };
  }

  /**
   * For a key that somebody else may have. Its row, its successor (the pending key, else a fresh one), the entry that every view refuses it by, and
   * the audit in one transaction; then the hints. What was sealed, signed or MACed under it is dead: the point, and the price. null: unknown.
   */
  async revoke(kid: string, actor: string): Promise<RevokedKey | null> {
    const done = await this.db.transaction(async (tx) => {
      const found = await keyStore.find(tx, kid);
      if (!found) return null;
      await keyStore.lockLine(tx, found.line.line);
      return this.revokeLocked(tx, kid, found.line, actor);
    });
    if (!done) return null;
    await this.checkpoints.reach('token.keys.revoke.after-commit');
    // A read that fails is made up for by the tick; the key itself does nothing here any more.
    if (done.entries.length > 0) await this.keys.drop(kid).catch(() => undefined);
    const confirmed = await this.announce.revoked(done.entries);
    if (done.revoked) this.log.info('a key is revoked', { kid, reason: 'admin', actor, confirmed });
    return { revoked: done.revoked, successor: done.successor, confirmed };
  }

  private async revokeLocked(tx: Tx, kid: string, line: KeyLine, actor: string) {
    const { policies, making } = this.keys.rotation;
    const before = await keyStore.find(tx, kid);
    const now = await keyStore.now(tx);
    // The caller who lost the first answer asks again, and is told `confirmed` too.
    const again = before?.revoked ? [{ kind: 'key' as const, id: kid, at: now }] : [];
    if (!before || before.state === 'retired') return { revoked: false, successor: null, entries: again };
    await keyStore.revoke(tx, kid, now);
    await this.checkpoints.reach('token.keys.revoke.after-row');
    await advanceLine(tx, line, policies, making);
    const successor = before.state === 'active' ? kidOf(await liveOf(tx, line), 'active') : null;
    const entries = await this.outbox.add(tx, { revocations: [{ kind: 'key', id: kid }] });
    const details = { line: line.line, state: before.state, successor };
    await recordAudit(tx, [{ actor, action: 'key.revoked', target: kid, reason: 'admin', details }]);
    await this.checkpoints.reach('token.keys.revoke.before-commit');
    return { revoked: true, successor, entries };
  }
}

function kidOf(keys: readonly StoredKey[], state: StoredKey['state']): string | null {
  return keys.find((key) => key.state === state)?.kid ?? null;
}
