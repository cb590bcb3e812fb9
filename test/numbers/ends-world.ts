import { LogoutReceiver, spawnServices, testConfig } from '#libs/testing';
import { ClusterServices } from '../cluster/cluster-services.js';
import { judge, type Verdict } from './ends-history.js';
import type { Stand } from './quick-sessions.js';
import { runEnds, tableLine } from './run-ends.js';

export const PROMISED = { boundMs: 2_000, confirmedWithinMs: 150 };

interface Standing {
  readonly world: Stand;
  readonly introspectAt: readonly string[];
  stop(): Promise<void>;
}

/** Processes of the built product, and a client that hears of each end. */
export class EndsWorld {
  private constructor(
    private readonly standing: Standing,
    readonly receiver: LogoutReceiver,
  ) {}

  /** Four, on the embedded Postgres. */
  static start(): Promise<EndsWorld> {
    return EndsWorld.with(async (config) => {
      const services = await spawnServices({ config });
      return { world: services.world, introspectAt: [services.world.url('introspect')], stop: () => services.stop() };
    });
  }

  /** Two of each, on Kafka and Redis. */
  static onCluster(): Promise<EndsWorld> {
    return EndsWorld.with(async (config) => {
      const services = await ClusterServices.start(config);
      const { cluster } = services;
      return {
        world: services.world,
        introspectAt: cluster.of('introspect').map(({ publicUrl }) => publicUrl),
        stop: () => services.stop(),
      };
    });
  }

  private static async with(start: (config: Record<string, unknown>) => Promise<Standing>): Promise<EndsWorld> {
    const receiver = await LogoutReceiver.start();
    const clients = [{ client_id: 'photo-shop', backchannel_logout_uri: receiver.url }];
    const standing = await start({ ...testConfig({ settings: { confirm_wait_ms: 150 }, clients }) }).catch(async (error: unknown) => {
      await receiver.close();
      throw error;
    });
    return new EndsWorld(standing, receiver);
  }

  async measure(count: number): Promise<Verdict> {
    const { world, introspectAt } = this.standing;
    const verdict = judge(await runEnds(world, count, PROMISED.boundMs, introspectAt), PROMISED);
    process.stdout.write(`\n${tableLine(verdict)}\n`);
    return verdict;
  }

  async close(): Promise<void> {
    await this.standing.stop();
    await this.receiver.close();
  }
}
