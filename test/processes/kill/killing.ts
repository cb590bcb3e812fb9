import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, sessionApi } from '#libs/contracts';
import { type SpawnedServices, until } from '#libs/testing';
import { Operator } from '../../actors/operator.js';
import { spawnWorld, type World } from '../../world.js';

/** What who asked saw of a request in whose middle a process was killed. */
export type Seen<T> = { readonly answer: T } | { readonly error: unknown };

export interface Cut<T> {
  readonly service: ServiceName;
  readonly place: string;
  readonly step: () => Promise<T>;
  /** While the killed one is still dead. */
  readonly whileDown?: () => Promise<unknown>;
}

/**
 * test/processes/kill owns the places in which a process is killed with -9. A flow prepares its story, cuts one step at a place and says what
 * holds once the process runs again. The other three live on: a trap is put in place by pid, in a file, without a restart.
 */
export class Killing {
  private constructor(
    readonly world: World<SpawnedServices>,
    readonly operator: Operator,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Killing> {
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-kill-'));
    writeFileSync(join(folder, 'trap'), '');
    const settings = { access_token_ttl: 1_200 };
    const world = await spawnWorld({ settings, env: { LANYARD_CRASH_FILE: join(folder, 'trap') } });
    return new Killing(world, new Operator(world.services), folder);
  }

  /** Killed exactly there, and started again. */
  async cut<T>({ service, place, step, whileDown }: Cut<T>): Promise<Seen<T>> {
    const { services } = this.world;
    let died: unknown = null;
    void services.exited(service).then((how) => {
      died = how;
    });
    this.trap(`${services.pid(service)} ${place}`);
    const asked = step().then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    await until(() => died, { what: `${service} dies at ${place}`, timeoutMs: 30_000 });
    expect(died).toBe('SIGKILL');
    const seen = await asked;
    this.trap('');
    await whileDown?.();
    await services.restart(service);
    return seen;
  }

  /** Dies there while it starts, and is started again. */
  async cutStart(service: ServiceName, place: string): Promise<void> {
    const { services } = this.world;
    services.start(service, { LANYARD_CRASH_AT: place });
    expect(await services.exited(service)).toBe('SIGKILL');
    await services.restart(service);
  }

  end(sid: string) {
    return this.world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
  }

  /** As a number. */
  async count(query: string, parameters: readonly unknown[] = []): Promise<number> {
    const [row] = await this.world.stand.database.query<{ count: string }>(query, [...parameters]);
    return Number(row?.count);
  }

  /** So that the next thing which the relay numbers is the flow's own. */
  async quiet(): Promise<void> {
    const unnumbered = () =>
      this.count(`SELECT (SELECT count(*) FROM session.outbox WHERE pseq IS NULL) + (SELECT count(*) FROM token.outbox WHERE pseq IS NULL)
                       + (SELECT count(*) FROM auth.outbox WHERE pseq IS NULL) AS count`);
    await until(async () => (await unnumbered()) === 0, { what: 'everything is numbered' });
  }

  async close(): Promise<void> {
    await this.world.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private trap(text: string): void {
    writeFileSync(join(this.folder, 'trap'), text);
  }
}
