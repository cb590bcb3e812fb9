import { schemaDrift } from '#libs/testing';
import { SessionWorld } from './session-world.js';

describe('the schema of the session service', () => {
  let world: SessionWorld;
  beforeAll(async () => {
    world = await SessionWorld.open();
  });
  afterAll(() => world.close());

  it('is, after the migrations, what the entities say', async () => {
    expect(await schemaDrift(world.db)).toEqual([]);
  });

  it('never lets an ended session change, whoever writes the statement', async () => {
    const { session } = await world.signIn();
    await world.end(session.sid);
    const revive = world.db.query("UPDATE session SET state = 'active', ended_at = NULL WHERE sid = $1", [session.sid]);
    await expect(revive).rejects.toThrow('an ended session never changes');
  });

  it('lets the audit only grow', async () => {
    await world.signIn();
    await expect(world.db.query('DELETE FROM audit')).rejects.toThrow('append-only');
    await expect(world.db.query('TRUNCATE audit CASCADE')).rejects.toThrow('append-only');
    await expect(world.db.query("UPDATE audit SET actor = 'nobody'")).rejects.toThrow('append-only');
  });

  it('keeps no cookie: a dump of every table holds only its keyed hash', async () => {
    const { cookie } = await world.signIn({ sub: 'canary' });
    const tables = await world.rows<{ name: string }>("SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'session'");
    const dumps = await Promise.all(tables.map(({ name }) => world.rows(`SELECT t::text AS row FROM session.${name} t`)));
    const dump = JSON.stringify(dumps);
    expect(dump).toContain('canary');
    expect(dump).not.toContain(cookie);
    expect(dump).not.toContain(cookie.slice('lanyard_sc_'.length));
  });
});
