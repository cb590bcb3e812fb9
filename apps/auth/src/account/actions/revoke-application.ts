import { tokenApi } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { InternalClient, Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../../audit/record-audit.js';
import type { RevokeConsent } from '../../consents/revoke-consent.js';
import type { Visit } from '../visits.js';
import type { AccountAction, Done } from './action.js';

/**
 * The consent is withdrawn and its grants die, then whatever the client holds without a consent (a first-party one), and codes on their way.
 * Each step throws unless it is durable, and asking again goes on where it stopped. Who asked is in the token service's audit, by the
 * transaction in which the grants die; the row here, after it, is for the person's own activity.
 */
export class RevokeApplication implements AccountAction {
  readonly path = '/applications/revoke';
  readonly page = 'applications';
  readonly what = 'Remove the access of that application';
  readonly fields = ['client_id'];

  constructor(private readonly parts: { readonly revokeConsent: RevokeConsent; readonly internal: InternalClient; readonly db: Sql }) {}

  reauthenticates(): boolean {
    return true;
  }

  async carryOut({ user: { sub } }: Visit, form: Parameters): Promise<Done> {
    const clientId = form.get('client_id');
    if (clientId === undefined || clientId.length > 255) throw oauthError('invalid_request', { description: 'No application was named.' });
    const consent = await this.parts.revokeConsent.revoke({ sub, clientId, actor: sub });
    const request = { by: { sub, client_id: clientId }, reason: 'consent_revoked', actor: sub } as const;
    const rest = await this.parts.internal.call(tokenApi.revokeGrants, request);
    if (!consent.revoked && rest.revoked > 0) {
      const details = { client_id: clientId, grants: rest.revoked };
      await recordAudit(this.parts.db, [{ actor: sub, action: 'application.revoked', target: clientId, reason: 'user', details }]);
    }
    return { notice: { name: 'application-revoked', confirmed: consent.confirmed && rest.confirmed } };
  }
}
