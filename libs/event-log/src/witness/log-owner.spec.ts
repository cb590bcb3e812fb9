import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#libs/testing';
import { LogWorld } from '../testing/log-world.js';
import { acceptCopy } from './accept-copy.js';
import { LogOwner } from './log-owner.js';

let world: LogWorld;
let dataDir: string;
const running: LogOwner[] = [];

beforeEach(async () => {
  world = await LogWorld.create();
  dataDir = await mkdtemp(join(tmpdir(), 'lanyard-witness-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((owner) => owner.stop()));
  await world.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(directory = dataDir) {
  const verdicts: [boolean, string?][] = [];
  const errors: unknown[] = [];
  const owner = new LogOwner(world.owners.session, 'session', {
    dataDir: directory,
    witnessEveryMs: 30,
    onVerdict: (ok, reason) => verdicts.push(reason === undefined ? [ok] : [ok, reason]),
    onError: (error) => errors.push(error),
  });
  running.push(owner);
  await owner.start();
  return { owner, verdicts, errors };
}

const witness = async () => JSON.parse(await readFile(join(dataDir, 'log-witness-session.json'), 'utf8')) as Record<string, number>;
const takesTicket = () => world.database.query('SELECT ticket FROM session.take_ticket()');
const restoreEarlierCopy = () =>
  world.database.query(
    'DELETE FROM session.outbox; UPDATE session.outbox_partition SET last_pseq = 0; DELETE FROM session.log_epoch_vouched',
  );

async function endOne(owner: LogOwner) {
  await world.publish('session', { revocations: [{ kind: 'session', id: 's' }] });
  owner.relay.nudge();
  await until(async () => (await witness())['revocations/0'] === 1);
}

describe('the owner of a log', () => {
  it('vouches for a database that is not behind its witness, serves it, and keeps the witness current', async () => {
    await world.database.query('DELETE FROM session.log_epoch_vouched');
    await expect(takesTicket()).rejects.toThrow(/no owner has vouched/);
    const { owner, verdicts } = await start();
    expect(verdicts).toEqual([[true]]);
    await takesTicket();
    await endOne(owner);
  });

  it('refuses a restored copy at the start: no tickets for anyone, no relay, and a sentence for the operator', async () => {
    const { owner } = await start();
    await endOne(owner);
    await owner.stop();
    await restoreEarlierCopy();
    const { verdicts } = await start();
    expect(verdicts).toEqual([[false, expect.stringContaining('restored copy: revocations/0 is at 0, it had reached 1')]]);
    await expect(takesTicket()).rejects.toThrow(/no owner has vouched/);
  });

  it('notices a copy that is put in place while it runs', async () => {
    const { owner, verdicts } = await start();
    await endOne(owner);
    await restoreEarlierCopy();
    await until(() => verdicts.at(-1)?.[0] === false);
  });

  it('is not overruled by an instance that has no witness', async () => {
    const { owner } = await start();
    await endOne(owner);
    await owner.stop();
    await restoreEarlierCopy();
    await start();
    const other = await mkdtemp(join(tmpdir(), 'lanyard-witness-'));
    const { verdicts } = await start(other);
    expect(verdicts).toEqual([[false, expect.stringContaining('another instance')]]);
    await expect(takesTicket()).rejects.toThrow(/no owner has vouched/);
    await rm(other, { recursive: true });
  });

  it('lets a copy go on when an operator has decided, as a log of its own on the same running server', async () => {
    const epoch = async () => (await world.database.query('SELECT session.log_epoch() AS epoch'))[0]?.epoch;
    const { owner } = await start();
    const before = await epoch();
    await endOne(owner);
    await owner.stop();
    await restoreEarlierCopy();
    await start();
    await Promise.all(running.splice(0).map((each) => each.stop()));
    expect(await epoch()).toBe(before);
    await acceptCopy(world.owners.session, 'session', dataDir);
    const { verdicts } = await start();
    expect(verdicts).toEqual([[true]]);
    await takesTicket();
    expect(await epoch()).not.toBe(before);
  });

  it('does not take an unreadable witness for none', async () => {
    await writeFile(join(dataDir, 'log-witness-session.json'), '{"revocations/0": ');
    await world.database.query('DELETE FROM session.log_epoch_vouched');
    const { verdicts, errors } = await start();
    expect(verdicts).toEqual([]);
    expect(String(errors[0])).toContain('not a readable witness');
    await expect(takesTicket()).rejects.toThrow(/no owner has vouched/);
  });
});
