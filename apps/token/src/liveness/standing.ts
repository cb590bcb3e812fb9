import { Injectable } from '@nestjs/common';
import { oauthError, unavailable } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';

/** What a grant or a token hangs from. */
export interface Handles {
  readonly sub: string;
  readonly clientId: string;
  readonly sid: string | null;
  readonly gid: string | null;
  readonly gen: readonly [subject: number, client: number];
}

/** The revocation view as issuing uses it. */
@Injectable()
export class Standing {
  constructor(private readonly views: ViewService) {}

  /** For what asks no truth. Asked again when the answer is sent: a paused process must not answer from before its pause. */
  requireFresh(): void {
    this.views.requireFresh();
  }

  /**
   * In memory, for everything that is minted. Online tokens hang from truth, so this needs no freshness: it only refuses sooner what every
   * view would refuse anyway.
   */
  refuseRevoked(handles: Handles): void {
    if (this.refuses(handles)) throw oauthError('invalid_grant', { detail: 'revoked, says the view' });
  }

  refuses({ sub, clientId, sid, gid, gen }: Handles): boolean {
    return this.views.view.isRevoked({ jti: '', sub, client_id: clientId, sid: sid ?? undefined, gid: gid ?? undefined, gen });
  }

  /** ms, by the session source's database clock (RELIABILITY 8). */
  ownerNow(): number {
    const now = this.views.view.ownerNow();
    if (now === null) throw unavailable('no owner time yet');
    return now;
  }
}
