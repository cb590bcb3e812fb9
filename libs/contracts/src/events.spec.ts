import { END_REASON_OF_CHANGE, EVENTS, type EventName, subjectChange } from './events.js';
import { tokenApi } from './internal/token-api.js';

/** What the version before this one sends: a receiver is upgraded before its senders (decision 0022), so it meets both. */
const BEFORE: readonly [EventName, Record<string, unknown>][] = [
  ['SessionEnded', { sid: 's', sub: 'jane', reason: 'admin', initiated_by: 'admin', ended_at: 1, end_id: 'e' }],
  ['GrantRevoked', { gid: 'g', sub: 'jane', client_id: 'shop', sid: null, reason: 'admin' }],
  ['SubjectChanged', { sub: 'jane', gen: 1, change: 'revoked_all' }],
  ['ClientChanged', { client_id: 'shop', gen: 1, change: 'revoked_all' }],
];

describe('messages', () => {
  it.each(BEFORE)('%s is understood with an actor and without', (name, payload) => {
    for (const message of [payload, { ...payload, actor: 'client:ops' }]) expect(EVENTS[name].payload.parse(message)).toEqual(message);
    expect(EVENTS[name].payload.safeParse({ ...payload, password: 'x' }).success).toBe(false);
  });

  it('a call to revoke grants is understood with an actor and without', () => {
    const call = { by: { gid: 'g' }, reason: 'admin' };
    for (const request of [call, { ...call, actor: 'jane' }]) expect(tokenApi.revokeGrants.request.parse(request)).toEqual(request);
  });

  it('every change of a subject but those that raise no generation has a reason for what ends with it', () => {
    const without = subjectChange.options.filter((change) => !END_REASON_OF_CHANGE[change]);
    expect(without).toEqual(['created', 'updated']);
  });
});
