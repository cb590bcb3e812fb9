import type { Sql } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import type { User } from '../users/user.js';
import type { VerifyPassword } from '../users/verify-password.js';
import type { LoginThrottle } from './login-throttle.js';

export type Proof =
  | { readonly outcome: 'right'; readonly user: User }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'throttled'; readonly retryAfterS: number };

/**
 * The one place where a typed password is judged, whatever it is typed for, so that every page shares the counters: a second page with
 * counters of its own would be a second chance to guess (SECURITY, Lockout). The attempt is reserved before the hash.
 */
export class ProvePassword {
  constructor(
    private readonly throttle: LoginThrottle,
    private readonly passwords: VerifyPassword,
    private readonly db: Sql,
  ) {}

  async prove(username: string, password: string, address: string): Promise<Proof> {
    const retryAfterS = await this.throttle.reserve(username, address);
    if (retryAfterS !== null) return { outcome: 'throttled', retryAfterS };
    const check = await this.passwords.verify(username, password);
    if (check.outcome === 'right') return check;
    await this.throttle.failed(address);
    // What was typed is not recorded: people type passwords into the wrong field. Whose account it was is, for its owner to see.
    const target = (check.outcome === 'disabled' ? check.user.sub : check.sub) ?? 'unknown';
    await recordAudit(this.db, [{ actor: 'anonymous', action: 'login.failed', target, reason: check.outcome, details: { address } }]);
    return { outcome: 'refused' };
  }

  succeeded(username: string): Promise<void> {
    return this.throttle.succeeded(username);
  }
}
