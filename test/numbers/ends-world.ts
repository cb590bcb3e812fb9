import { LogoutReceiver, type SpawnedServices, spawnServices, testConfig } from '#libs/testing';
import { judge, type Verdict } from './ends-history.js';
import { runEnds, tableLine } from './run-ends.js';

export const PROMISED = { boundMs: 2_000, confirmedWithinMs: 150 };

/** Four processes of the built product on the embedded Postgres, and a client that hears of each end. */
export class EndsWorld {
  private constructor(
    private readonly services: SpawnedServices,
    readonly receiver: LogoutReceiver,
  ) {}

  static async start(): Promise<EndsWorld> {
    const receiver = await LogoutReceiver.start();
    const config = testConfig({
      settings: { confirm_wait_ms: 150 },
      clients: [{ client_id: 'photo-shop', backchannel_logout_uri: receiver.url }],
    });
    const services = await spawnServices({ config }).catch(async (error: unknown) => {
      await receiver.close();
      throw error;
    });
    return new EndsWorld(services, receiver);
  }

  async measure(count: number): Promise<Verdict> {
    const verdict = judge(await runEnds(this.services.world, count, PROMISED.boundMs), PROMISED);
    process.stdout.write(`\n${tableLine(verdict)}\n`);
    return verdict;
  }

  async close(): Promise<void> {
    await this.services.stop();
    await this.receiver.close();
  }
}
