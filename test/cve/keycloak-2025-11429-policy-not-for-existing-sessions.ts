import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, type Row, restart, SCOPE } from './cast.js';

/** A session’s deadlines are judged by the settings of the moment. */
export const policyNotForExistingSessions: Row = (world) => {
  it('Keycloak CVE-2025-11429: a shorter lifetime holds for sessions that exist', async () => {
    const config = JSON.parse(readFileSync(join(world().stand.folder, 'lanyard.yaml'), 'utf8')) as { settings: Record<string, unknown> };
    const { refresh_token } = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    await world().advance(120_000);
    world().stand.writeConfig({ ...config, settings: { ...config.settings, session_max: 60, session_idle: 60 } });
    await restart(world(), 'session');
    const refused = await world().raw('photo-shop').refresh(refresh_token);
    world().stand.writeConfig(config);
    await restart(world(), 'session');
    expect(refused).toMatchObject(INVALID_GRANT);
  });
};
