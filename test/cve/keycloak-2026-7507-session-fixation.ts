import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** A handle alone is nothing: it is bound to the cookie of the browser that began. */
export const sessionFixation: Row = (world) => {
  it('Keycloak CVE-2026-7507: an interaction begun in one browser opens in no other', async () => {
    const attacker = new UserAgent();
    const page = await attacker.open((await world().shop.begin(SCOPE)).url);
    expect(page.body).toContain('type="password"');
    const victim = await new UserAgent().open(page.url);
    expect(victim.status).toBeGreaterThanOrEqual(400);
    expect(victim.body).not.toContain('type="password"');
  });
};
