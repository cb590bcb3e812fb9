import { LogWorld } from '../testing/log-world.js';
import { MAX_BODY_BYTES } from './change.js';

let world: LogWorld;
beforeAll(async () => {
  world = await LogWorld.create();
});
afterAll(() => world.close());

const disabled = (sub: string, gen: number) => ({
  events: [{ name: 'SubjectChanged' as const, payload: { sub, gen, change: 'disabled' as const } }],
  revocations: [{ kind: 'subject' as const, id: sub, gen }],
});
const count = async () => Number((await world.database.query<{ n: string }>('SELECT count(*) AS n FROM auth.outbox'))[0]?.n);

describe('the outbox', () => {
  it('stamps a change’s event and revocation with one time, and answers with the entry that hints carry', async () => {
    const [entry] = await world.publish('auth', disabled('u1', 2));
    const rows = await world.database.query<{ stream: string; at: string }>(
      "SELECT stream, lanyard.ms(created_at) AS at FROM auth.outbox WHERE key = 'u1'",
    );
    expect(entry).toEqual({ kind: 'subject', id: 'u1', gen: 2, at: expect.any(Number) });
    expect(rows.map((row) => [row.stream, Number(row.at)])).toEqual([
      ['events', entry?.at],
      ['revocations', entry?.at],
    ]);
  });

  it('commits with its transaction or not at all', async () => {
    const before = await count();
    const failing = world.owners.auth.transaction(async (tx) => {
      const { Outbox } = await import('./outbox.js');
      await new Outbox('auth').add(tx, disabled('u2', 2));
      throw new Error('the business failed');
    });
    await expect(failing).rejects.toThrow('the business failed');
    expect(await count()).toBe(before);
  });

  it('refuses what could not be read back: a foreign event, a foreign revocation, a bad payload, a row too large', async () => {
    const before = await count();
    await expect(world.publish('session', disabled('u', 2))).rejects.toThrow('SubjectChanged belongs to auth');
    await expect(world.publish('auth', { revocations: [{ kind: 'grant', id: 'g' }] })).rejects.toThrow('auth does not revoke by grant');
    await expect(world.publish('auth', disabled('', 2))).rejects.toThrow();
    await expect(world.publish('session', { revocations: [{ kind: 'session', id: 'x'.repeat(MAX_BODY_BYTES) }] })).rejects.toThrow(
      'over the limit',
    );
    expect(await count()).toBe(before);
  });

  it('does nothing for an empty change', async () => {
    expect(await world.publish('auth', {})).toEqual([]);
  });
});
