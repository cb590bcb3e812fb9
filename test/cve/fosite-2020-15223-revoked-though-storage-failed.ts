import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** RFC 7009 §2.2.1. */
export const revokedThoughStorageFailed: Row = (world) => {
  it('fosite CVE-2020-15223: a revocation that could not be stored is a 503, not a 200', async () => {
    const { database } = world().stand;
    const { refresh_token } = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    await database.query(`
      CREATE FUNCTION token.disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER disk_full BEFORE INSERT ON token.outbox EXECUTE FUNCTION token.disk_full()`);
    const answer = await world().raw('photo-shop').revoke(refresh_token);
    await database.query('DROP FUNCTION token.disk_full() CASCADE');
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect((await world().raw('photo-shop').revoke(refresh_token)).status).toBe(200);
  });
};
