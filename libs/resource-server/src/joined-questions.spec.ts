import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#libs/revocation';
import { until } from '#libs/testing';
import { RevocationCopy } from './feed/revocation-copy.js';
import { Questions } from './questions.js';
import { Wire } from './wire/send.js';

const ACTIVE = { active: true, iss: 'i', sub: 's', aud: 'a', client_id: 'c', exp: 4_000_000_000, jti: 'j', sid: 'sid' };

/** A server that answers when a spec wants it to; the clock of whoever asks is turned. */
describe('a question about an opaque token that is under way', () => {
  const held: ServerResponse[] = [];
  let aheadMs = 0;
  let server: Server;
  let questions: Questions;
  beforeAll(async () => {
    server = createServer((request, response) => void request.resume().on('end', () => held.push(response)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    held.length = 0;
    aheadMs = 0;
    const frozen = systemClock.monotonic();
    const clock = { ...systemClock, monotonic: () => frozen + aheadMs };
    const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`);
    const copy = new RevocationCopy(2_000, clock);
    questions = new Questions({ endpoint, authorization: 'Basic x', wire: new Wire(), copy, clock, onTrouble: () => undefined });
  });
  const ask = () => questions.ask('name', 't', 'kid');
  const answer = (n: number, body: object) => held[n]?.end(JSON.stringify(body));
  const asked = (count: number) => until(() => held.length === count, { what: `${count} questions` });

  it('is shared by all who come with the token at the same time', async () => {
    const answers = [ask(), ask()];
    aheadMs = 50;
    answers.push(ask());
    await asked(1);
    answer(0, ACTIVE);
    expect((await Promise.all(answers)).map(({ known }) => known.token.sid)).toEqual(['sid', 'sid', 'sid']);
    expect(held).toHaveLength(1);
  });

  it('is not shared by who comes later: what it brings may have been right before that alone', async () => {
    const early = ask();
    await asked(1);
    aheadMs = 51;
    const later = ask();
    const withIt = ask();
    await asked(2);
    // The first answer was on its way when the session ended.
    answer(1, { active: false });
    answer(0, ACTIVE);
    await expect(later).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(withIt).rejects.toMatchObject({ code: 'invalid_token' });
    expect((await early).known.token.sid).toBe('sid');
  });

  it('is over once it is answered, for whoever comes then', async () => {
    const first = ask();
    await asked(1);
    answer(0, ACTIVE);
    await first;
    const second = ask();
    await asked(2);
    answer(1, ACTIVE);
    await second;
  });
});
