import { tokenApi } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { InternalClient, Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { type AuditDetails, recordAudit } from '../../audit/record-audit.js';
import type { RevokeConsent } from '../../consents/revoke-consent.js';
import type { Visit } from '../visits.js';
import type { AccountAction, Done } from './action.js';

/**
 * The consent is withdrawn and its grants die, then whatever the client holds without a consent (a first-party one), and codes on their way.
 * Each step throws unless it is durable, and asking again goes on where it stopped. The grants die in the token service's transaction, which
 * none of ours can join: that it was asked for is committed here before, so that a failure in between leaves nothing without its author.
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
    if (!consent.revoked && (await this.holds(sub, clientId)))
      await this.record(sub, 'application.revocation_asked', { client_id: clientId });
    const rest = await this.parts.internal.call(tokenApi.revokeGrants, { by: { sub, client_id: clientId }, reason: 'consent_revoked' });
    if (!consent.revoked && rest.revoked > 0) {
      await this.record(sub, 'application.revoked', { client_id: clientId, grants: rest.revoked });
    }
    return { notice: { name: 'application-revoked', confirmed: consent.confirmed && rest.confirmed } };
  }

  private async holds(sub: string, clientId: string): Promise<boolean> {
    const { clients } = await this.parts.internal.call(tokenApi.grantsOfSubject, { sub });
    return clients.some(({ client_id }) => client_id === clientId);
  }

  private record<A extends 'application.revocation_asked' | 'application.revoked'>(sub: string, action: A, details: AuditDetails[A]) {
    return recordAudit(this.parts.db, [{ actor: sub, action, target: details.client_id, reason: null, details }]);
  }
}
