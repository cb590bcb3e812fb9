import { ServerClock, type Sql } from '#libs/database';
import { until } from '#libs/testing';

/** A server whose clock the spec sets; `asked` counts its readings. */
function server(ms: number) {
  const state = { ms, asked: 0, down: false };
  const sql: Sql = {
    async query<R extends object>() {
      state.asked += 1;
      if (state.down) throw new Error('the database is away');
      return { rows: [{ ms: state.ms }] as unknown as R[], affected: 1 };
    },
  };
  return { state, sql };
}

afterEach(() => jest.restoreAllMocks());

describe('the server’s clock in this process', () => {
  it('is the server’s, however wrong this machine’s date is, and goes on by itself', async () => {
    const { sql, state } = server(1_700_000_000_000);
    const clock = await ServerClock.read(sql);
    const first = clock.now();
    expect(first - 1_700_000_000_000).toBeGreaterThanOrEqual(0);
    expect(first - 1_700_000_000_000).toBeLessThan(1_000);
    await until(() => clock.now() > first);
    expect(state.asked).toBe(1);
  });

  it('is read again after a minute', async () => {
    const { sql, state } = server(1_700_000_000_000);
    const clock = await ServerClock.read(sql);
    const [monotonic, wall] = [performance.now(), Date.now()];
    jest.spyOn(performance, 'now').mockReturnValue(monotonic + 61_000);
    jest.spyOn(Date, 'now').mockReturnValue(wall + 61_000);
    state.ms = 1_800_000_000_000;
    clock.now();
    await until(() => clock.now() >= 1_800_000_000_000);
    expect(state.asked).toBe(2);
  });

  it('is read again once the machine has slept or its date was set, and stays as it was while the server is away', async () => {
    const { sql, state } = server(1_700_000_000_000);
    const clock = await ServerClock.read(sql);
    const wall = Date.now();
    state.down = true;
    jest.spyOn(Date, 'now').mockImplementation(() => wall + 3_600_000);
    expect(clock.now()).toBeLessThan(1_700_000_100_000);
    await until(() => state.asked === 2);
    state.down = false;
    state.ms = 1_700_003_600_000;
    await until(() => clock.now() >= 1_700_003_600_000);
  });
});
