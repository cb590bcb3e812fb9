import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { claimsOf, type Row, restart, SCOPE } from './cast.js';

/** There is one place where a session lives. */
export const sessionDeletedInTheCacheOnly: Row = (world) => {
  it('authentik CVE-2025-29928: a session ended by an operator is ended in the database, and after a restart', async () => {
    const agent = new UserAgent();
    const { sid } = await claimsOf(world(), (await world().tokensFor(agent, world().shop, SCOPE)).access_token);
    await new Operator(world().services).call('session', 'POST', `/admin/sessions/${String(sid)}/end`);
    const [row] = await world().stand.database.query('SELECT state FROM session.session WHERE sid = $1', [sid]);
    expect(row?.state).toBe('ended');
    await restart(world(), 'session');
    expect((await world().signInAt(agent, world().shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
  });
};
