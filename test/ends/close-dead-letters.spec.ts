import { type InProcessServices, startServices } from '#libs/testing';
import { Operator } from '../actors/operator.js';

/** An operator takes a dead letter off the list, and says why: on record or not done, once, and only what was understood. */
let services: InProcessServices;
let operator: Operator;
beforeAll(async () => {
  services = await startServices({ services: ['auth', 'session', 'token'] });
  operator = new Operator(services);
}, 360_000);
afterAll(() => services?.stop());

const query = (text: string, params: unknown[] = []) => services.world.database.query(text, params);
const LETTERS = { session: '/admin/sessions/dead-letters', token: '/admin/token/dead-letters' } as const;

describe.each(['session', 'token'] as const)('the dead letters of the %s service', (service) => {
  let position = 0;
  const swept = async (): Promise<number> => {
    const [row] = await query(
      `INSERT INTO ${service}.dead_letter (source, stream, partition, pseq, reason, error, tries, at)
       VALUES ('auth', 'events', 0, $1, 'swept', 'not in the log', 0, lanyard.now()) RETURNING id`,
      [900_000 + ++position],
    );
    return Number(row?.id);
  };
  const close = (body: unknown) => operator.call(service, 'POST', `${LETTERS[service]}/close`, body);
  const open = async () => {
    const { body } = await operator.call(service, 'GET', `${LETTERS[service]}?open=true&limit=200`);
    return (body.items as { id: number }[]).map(({ id }) => id);
  };
  const audited = async (id: number) => {
    const { body } = await operator.call(service, 'GET', `/admin/${service}/audit?target=${id}&action=dead_letter.closed`);
    return body.items;
  };

  it('are closed with a reason, which the list and the audit have, and once only', async () => {
    const id = await swept();
    expect(await open()).toContain(id);
    expect((await close({ ids: [id], reason: '  the events were replayed ✓ ' })).body).toEqual({
      results: [{ id, closed: true, error: null }],
    });
    expect((await close({ ids: [id], reason: 'again' })).body).toEqual({ results: [{ id, closed: false, error: 'closed before' }] });
    expect(await open()).not.toContain(id);
    const { body } = await operator.call(service, 'GET', `${LETTERS[service]}?open=false`);
    const closed = { id, reason: 'swept', closed_at: expect.any(Number), close_reason: 'the events were replayed ✓', replayed_at: null };
    expect(body.items).toContainEqual(expect.objectContaining(closed));
    expect(await audited(id)).toMatchObject([
      { actor: 'client:admin-cli', reason: 'the events were replayed ✓', details: { name: null, key: null } },
    ]);
  });

  it('that were not there are said beside those that were closed, in the order in which they were named', async () => {
    const [one, two] = [await swept(), await swept()];
    const { status, body } = await close({ ids: [two, 4_000_000, one, two], reason: 'by hand' });
    expect([status, body.results]).toEqual([
      200,
      [
        { id: two, closed: true, error: null },
        { id: 4_000_000, closed: false, error: 'there is no such dead letter' },
        { id: one, closed: true, error: null },
      ],
    ]);
  });

  it('stay open, all that were named, when it can’t be audited', async () => {
    const ids = [await swept(), await swept()];
    await query(`CREATE FUNCTION ${service}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.target = '${ids[1]}' THEN RAISE 'refused by the test'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON ${service}.audit FOR EACH ROW EXECUTE FUNCTION ${service}.refuse()`);
    try {
      expect(await close({ ids, reason: 'by hand' })).toMatchObject({ status: 500, body: { error: 'server_error' } });
    } finally {
      await query(`DROP FUNCTION ${service}.refuse CASCADE`);
    }
    expect(await open()).toEqual(expect.arrayContaining(ids));
    expect(await audited(ids[0] as number)).toEqual([]);
    expect((await close({ ids, reason: 'by hand' })).body.results).toMatchObject([{ closed: true }, { closed: true }]);
  });

  it.each<[string, (id: number) => unknown]>([
    ['nothing', () => ({})],
    ['no reason', (id) => ({ ids: [id] })],
    ['an empty reason', (id) => ({ ids: [id], reason: '' })],
    ['a reason of blanks', (id) => ({ ids: [id], reason: ' \t ' })],
    ['a reason that is no text', (id) => ({ ids: [id], reason: 7 })],
    ['a reason of 501 characters', (id) => ({ ids: [id], reason: 'x'.repeat(501) })],
    ['a reason with NUL', (id) => ({ ids: [id], reason: 'by\0hand' })],
    ['a reason with half a character', (id) => ({ ids: [id], reason: 'by hand \ud800' })],
    ['a reason of two lines', (id) => ({ ids: [id], reason: 'by\nhand' })],
    ['a reason that a terminal would obey', (id) => ({ ids: [id], reason: 'by \u001b[31mhand' })],
    ['no ids', () => ({ reason: 'by hand' })],
    ['an empty list of ids', () => ({ ids: [], reason: 'by hand' })],
    ['one id beside its list', (id) => ({ ids: id, reason: 'by hand' })],
    ['0', (id) => ({ ids: [id, 0], reason: 'by hand' })],
    ['a negative id', (id) => ({ ids: [id, -1], reason: 'by hand' })],
    ['half an id', (id) => ({ ids: [id, 1.5], reason: 'by hand' })],
    ['an id in quotes', (id) => ({ ids: [String(id)], reason: 'by hand' })],
    ['an id that no bigint is', (id) => ({ ids: [id, 2 ** 63], reason: 'by hand' })],
    ['201 ids', (id) => ({ ids: Array.from({ length: 201 }, (_, n) => id + n), reason: 'by hand' })],
    ['all of them', () => ({ all: true, reason: 'by hand' })],
    ['a member that is not known', (id) => ({ ids: [id], reason: 'by hand', force: true })],
  ])('are not closed by %s', async (_, body) => {
    const id = await swept();
    expect(await close(body(id))).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await open()).toContain(id);
    expect(await audited(id)).toEqual([]);
  });

  it('are closed 200 at once, for a reason of 500 characters', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 200; n++) ids.push(await swept());
    const { status, body } = await close({ ids, reason: 'x'.repeat(500) });
    expect([status, (body.results as { closed: boolean }[]).filter(({ closed }) => closed).length]).toEqual([200, 200]);
  });
});
