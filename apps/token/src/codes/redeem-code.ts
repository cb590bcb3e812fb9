import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { Database, Pepper } from '#libs/database';
import { oauthError, PREFIX } from '#libs/protocol';
import { clientActor, recordAudit } from '../audit/record-audit.js';
import { insertGrant, type NewGrant } from '../grants/grant.store.js';
import { Revocations } from '../grants/revocations.js';
import { CHECKPOINTS } from '../ports.js';
import { CODE_TRIES, consumeCode, countFailure, readCode, type StoredCode } from './code.store.js';
import { judgeRedemption, type Redemption } from './judge-redemption.js';
import { consentStands } from './withdrawn-consents.js';

/** The length of what randomSecret makes: anything else is not looked up (Zitadel CVE-2026-27840). */
const LENGTH = PREFIX.code.length + 43;

/** A code that its own client may redeem now, as far as reading tells. */
export interface RedeemableCode {
  readonly mac: string;
  readonly contents: StoredCode['contents'];
}

@Injectable()
export class RedeemCode {
  constructor(
    private readonly db: Database,
    private readonly pepper: Pepper,
    private readonly revocations: Revocations,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  /** Reads and judges. Writes only what a refusal costs: a try, or, where the right party comes a second time, the family. */
  async find(code: string, redemption: Redemption): Promise<RedeemableCode> {
    if (code.length !== LENGTH || !code.startsWith(PREFIX.code)) throw refused('not a code of ours');
    const mac = this.pepper.mac('code', code);
    const stored = await readCode(this.db, mac);
    if (!stored) throw refused('unknown code');
    const refusal = judgeRedemption(stored.contents, redemption);
    if (refusal) {
      await countFailure(this.db, mac);
      throw refused(refusal);
    }
    if (stored.gid !== null) throw await this.replayed(stored.gid, redemption.clientId);
    if (stored.failures >= CODE_TRIES) throw refused('the code had its tries');
    if (stored.expired) throw refused('the code has expired');
    return { mac, contents: stored.contents };
  }

  /** Consumption and grant in one transaction (S7). Whoever comes second here passed every check, so it is a replay. */
  async redeem({ mac }: RedeemableCode, grant: NewGrant): Promise<void> {
    const consumed = await this.db.transaction(async (tx) => {
      if (!(await consumeCode(tx, mac, grant.gid))) return false;
      if (grant.consentId !== null && !(await consentStands(tx, grant.consentId))) throw refused('the consent was taken back');
      await insertGrant(tx, grant);
      const { clientId: client_id, sub, sid, accessMode: access_mode, scope } = grant;
      const details = { client_id, sub, sid, access_mode, scope, refresh_token: grant.refreshSeq !== null };
      await recordAudit(tx, [{ actor: clientActor(client_id), action: 'grant.created', target: grant.gid, reason: null, details }]);
      await this.checkpoints.reach('token.code.before-commit');
      return true;
    });
    if (consumed) return;
    const now = await readCode(this.db, mac);
    if (now?.gid) throw await this.replayed(now.gid, grant.clientId);
    throw refused('the code expired on the way');
  }

  /** RFC 6749 §4.1.2, §10.5; RFC 9700 §4.5. */
  private async replayed(gid: string, clientId: string): Promise<Error> {
    const actor = clientActor(clientId);
    const because = { actor, action: 'code.replayed', target: gid, reason: null, details: { client_id: clientId } } as const;
    await this.revocations.family(gid, { reason: 'code_replay', actor }, because);
    return refused('second redemption of a code');
  }
}

function refused(detail: string): Error {
  return oauthError('invalid_grant', { detail });
}
