import { CheckpointGate, TimeMachine, until } from '#libs/testing';
import { absorb, planRead, type ReaderRules } from '../broadcast/reader-state.js';
import { BROADCAST_CASES, LogWorld, ReaderLog } from '../testing/index.js';
import { HORIZON_MS, PostgresHarness } from '../testing/postgres-harness.js';
import { LogOwner } from '../witness/log-owner.js';
import { PostgresLogReader } from './postgres-log-reader.js';

let world: LogWorld;
let harness: PostgresHarness;

beforeEach(async () => {
  world = await LogWorld.create();
  harness = new PostgresHarness(world);
});

afterEach(async () => {
  await harness.stop();
  await world.close();
});

describe('the Postgres log reader keeps the contract of broadcast readers', () => {
  it.each(BROADCAST_CASES.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    await run(harness);
  });
});

/** Each is one rule of RELIABILITY 4 to 6 left out; `fails` names the case that must notice, `breaks` by what. */
const MUTANTS: { mutant: string; fails: string; breaks: RegExp; rules: Partial<ReaderRules> }[] = [
  {
    mutant: 'skips gap detection',
    fails: 'says that a number is missing',
    breaks: /still not: a gap|before the gap was told/,
    rules: {
      absorb: (state, plan, ticket, result, now, horizon) =>
        absorb(state, plan.read === 'after' ? { read: 'since', since: 0, why: null } : plan, ticket, result, now, horizon),
    },
  },
  {
    mutant: 'ignores records without a number',
    fails: 'hands in what commits later',
    breaks: /proven without [a-f]$/,
    rules: {
      absorb: (state, plan, ticket, result, now, horizon) =>
        absorb(state, plan, ticket, { ...result, records: result.records.filter((record) => record.pseq !== null) }, now, horizon),
    },
  },
  {
    mutant: 'moves its position over what has no number yet, as by id > last',
    fails: 'does not skip a transaction',
    // The other one, if a read came between its commit and its number.
    breaks: /proven without (?:slow|fast)/,
    rules: {
      absorb: (state, plan, ticket, result, now, horizon) => {
        // As if the log had got as far as the position: numbers that seem to have gone back would make it read everything again.
        const reached = plan.read === 'after' ? plan.positions : result.lastNumbers;
        const lastNumbers = new Map([...result.lastNumbers].map(([p, last]) => [p, Math.max(last, reached.get(p) ?? 0)]));
        const records = result.records.filter((record) => record.pseq !== null);
        const absorbed = absorb(state, plan, ticket, { records, lastNumbers }, now, horizon);
        const positions = new Map([...absorbed.state.positions].map(([partition, position]) => [partition, position + 1]));
        return { ...absorbed, gap: null, state: { ...absorbed.state, positions, missingSince: null } };
      },
    },
  },
  {
    mutant: 'reads nothing at the start',
    fails: 'hands in at the start',
    breaks: /proven without before-/,
    rules: {
      planRead: (...args) => {
        const plan = planRead(...args);
        return plan.read === 'since' && plan.why === null ? { ...plan, since: plan.since + 10 * HORIZON_MS } : plan;
      },
      absorb: (state, plan, ticket, result, now, horizon) =>
        absorb(state, plan, ticket, plan.read === 'since' ? { ...result, records: [] } : result, now, horizon),
    },
  },
  {
    mutant: 'goes on by its numbers in a new epoch',
    fails: 'notices a new epoch',
    breaks: /proven without new|not told of the epoch/,
    rules: {
      planRead: (state, ticket, now, horizon) => {
        const plan = planRead(state, ticket, now, horizon);
        return plan.read === 'since' && plan.why !== null ? { read: 'after', positions: state.positions } : plan;
      },
      absorb: (state, plan, ticket, result, now, horizon) => ({ ...absorb(state, plan, ticket, result, now, horizon), gap: null }),
    },
  },
];

describe('readers broken on purpose are caught', () => {
  it.each(MUTANTS)('one that $mutant', async ({ fails, breaks, rules }) => {
    const broken = new PostgresHarness(world, (options) => new PostgresLogReader({ ...options, rules }));
    const contractCase = BROADCAST_CASES.find(({ name }) => name.startsWith(fails));
    try {
      await expect(contractCase?.run(broken)).rejects.toThrow(breaks);
    } finally {
      await broken.stop();
    }
  });
});

describe('the ticket', () => {
  it('is drawn before the snapshot: what commits between the two is in the answer, and the proof counts from before both', async () => {
    const gate = new CheckpointGate();
    const reader = new PostgresLogReader({ logDatabaseUrl: world.logUrl, horizonMs: HORIZON_MS, sources: ['session'], checkpoints: gate });
    const held = gate.hold('event-log.reader.after-ticket');
    const log = new ReaderLog();
    const started = reader.start(log);
    await held.reached;
    await harness.end('between');
    const committed = performance.now();
    held.release();
    await started;
    expect(log.has('between')).toBe(true);
    expect(log.proofs('session')[0]?.sentMonotonic).toBeLessThan(committed);
    await reader.stop();
  });

  it('does not vouch for rows that came over another connection: a copy may have been put in place between the two', async () => {
    const gate = new CheckpointGate();
    const errors: unknown[] = [];
    const reader = new PostgresLogReader({
      ...{ logDatabaseUrl: world.logUrl, horizonMs: HORIZON_MS, sources: ['session'], checkpoints: gate },
      onError: (_source, error) => errors.push(error),
    });
    const log = await new ReaderLog().startedBy(reader);
    const held = gate.hold('event-log.reader.after-ticket');
    await held.reached;
    const reached = performance.now();
    const proofs = () => log.proofs('session').filter((proof) => proof.sentMonotonic < reached).length;
    const before = proofs();
    await world.database.query(
      "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'lanyard_log'",
    );
    held.release();
    await until(() => errors.length > 0);
    await until(() => log.proofs('session').some((proof) => proof.sentMonotonic > reached));
    expect(proofs()).toBe(before);
    await reader.stop();
  });

  it('is taken by the role lanyard_log, which may read the outbox and its epoch, and do nothing else', async () => {
    const asLog = (sql: string) => world.database.query(`SET LOCAL ROLE lanyard_log; ${sql}`);
    await asLog('SELECT * FROM session.take_ticket(); SELECT session.log_epoch(); SELECT count(*) FROM session.outbox');
    for (const sql of [
      'DELETE FROM session.outbox',
      'UPDATE session.outbox_partition SET last_pseq = 0',
      "SELECT nextval('session.log_ticket')",
      'SELECT * FROM session.log_reader',
      'SELECT * FROM session.log_epoch_vouched',
    ]) {
      await expect(asLog(sql)).rejects.toThrow(/permission denied/);
    }
    await expect(world.database.query('SET LOCAL ROLE lanyard_introspect; SELECT * FROM session.take_ticket()')).rejects.toThrow(
      /permission denied/,
    );
  });

  it('says since when events are unpassed: never later than the oldest event a group reader has before it', async () => {
    const ticket = async () => {
      const [row] = await world.database.query<{ u: string; n: string }>(
        'SELECT unpassed_since_ms AS u, db_time_ms AS n FROM auth.take_ticket()',
      );
      return { unpassed: Number(row?.u), now: Number(row?.n) };
    };
    const idle = await ticket();
    expect(idle.unpassed).toBe(idle.now);
    const entries = await world.publish('auth', {
      events: [{ name: 'SubjectChanged', payload: { sub: 'u', gen: 2, change: 'disabled' } }],
      revocations: [{ kind: 'subject', id: 'u', gen: 2 }],
    });
    expect((await ticket()).unpassed).toBeLessThanOrEqual(entries[0]?.at ?? 0);
    await world.relay('auth');
    expect((await ticket()).unpassed).toBeLessThanOrEqual(entries[0]?.at ?? 0);
  });
});

describe('the horizon', () => {
  it('bounds what a new reader reads; generations not passed by every group reader come however old', async () => {
    const time = new TimeMachine(world.database);
    await time.advance(-2 * HORIZON_MS);
    await world.publish('session', { revocations: [{ kind: 'session', id: 'long-gone' }] });
    await world.publish('auth', {
      events: [{ name: 'SubjectChanged', payload: { sub: 'unpassed', gen: 2, change: 'disabled' } }],
      revocations: [{ kind: 'subject', id: 'unpassed', gen: 2 }],
    });
    await world.relay('session');
    await world.relay('auth');
    await time.reset();
    const reader = new PostgresLogReader({ logDatabaseUrl: world.logUrl, horizonMs: HORIZON_MS, sources: ['session', 'auth'] });
    const log = await new ReaderLog().startedBy(reader);
    await until(() => log.proofs('session').length > 0 && log.proofs('auth').length > 0);
    expect(log.has('long-gone')).toBe(false);
    expect(log.has('unpassed')).toBe(true);
    await reader.stop();
  });

  it('a record that can not be read stops proofs, by name', async () => {
    await world.database.query(
      "INSERT INTO session.outbox (stream, partition, event_id, key, name, version, body, created_at) VALUES ('revocations', 0, 'e', 'k', 'galaxy', 1, '{}', lanyard.now())",
    );
    const log = await new ReaderLog().startedBy(harness.reader());
    expect(log.gaps('session')[0]).toMatch(/can't be read/);
    expect(log.proofs('session')).toEqual([]);
  });
});

describe('a stall', () => {
  it('of the database never hangs the reader: the statement is given up, and proofs return when it is over', async () => {
    const reader = harness.reader();
    const log = await new ReaderLog().startedBy(reader);
    await until(() => log.proofs('session').length > 0);
    await world.owners.session.transaction(async (tx) => {
      await tx.query('LOCK TABLE session.outbox IN ACCESS EXCLUSIVE MODE');
      const locked = performance.now();
      await reader.probe?.('session');
      await reader.probe?.('session');
      expect(log.proofs('session').every((proof) => proof.sentMonotonic < locked)).toBe(true);
    });
    const free = performance.now();
    await until(() => log.proofs('session').some((proof) => proof.sentMonotonic > free));
  });
});

describe('an epoch nobody has vouched for', () => {
  it('gives no ticket, so no view becomes fresh by it', async () => {
    await world.database.query('DELETE FROM session.log_epoch_vouched');
    const log = await new ReaderLog().startedBy(harness.reader());
    expect(log.calls).toEqual([]);
    const owner = new LogOwner(world.owners.session, 'session', { dataDir: world.dataDir });
    await owner.start();
    await until(() => log.proofs('session').length > 0);
    await owner.stop();
  });
});
