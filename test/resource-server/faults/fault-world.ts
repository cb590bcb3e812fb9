import { testConfig, until } from '#libs/testing';
import { ClusterServices } from '../../cluster/cluster-services.js';
import { QuickSessions } from '../../numbers/quick-sessions.js';
import type { History } from './answers-history.js';
import { type Api, EVERYBODY, fourApis, ordinaryCache } from './apis.js';
import { Callers } from './callers.js';
import { Entrance } from './entrance.js';
import { type Fault, Faults } from './faults.js';

/** X, of the services as of the library. */
export const BOUND_MS = 2_000;
/** Beyond the bound: so long is it seen what is said then. */
const SEEN_FOR_MS = 750;
/** No token expires meanwhile. */
const SETTINGS = { freshness_bound_ms: BOUND_MS, access_token_ttl: 3_600 };

/** A cluster of the built product on Kafka, two introspect services in it, APIs that depend on it, and whoever calls them. */
export class FaultWorld {
  private constructor(
    readonly services: ClusterServices,
    private readonly entrance: Entrance,
    private readonly apis: readonly Api[],
    private readonly callers: Callers,
    readonly faults: Faults,
  ) {}

  static async start(): Promise<FaultWorld> {
    const entrance = await Entrance.start();
    const instances = { auth: 1, session: 1, token: 1, introspect: 2 };
    const options = { issuer: entrance.issuer, instances };
    const services = await ClusterServices.start(testConfig({ settings: SETTINGS }), options).catch(async (error: unknown) => {
      await entrance.close();
      throw error;
    });
    await entrance.openTo(services.front);
    const sessions = await QuickSessions.of(services.world);
    const apis = [...(await fourApis(entrance.issuer)), ordinaryCache(sessions.client('gateway'))];
    const callers = await Callers.begin(services.world, apis);
    return new FaultWorld(services, entrance, apis, callers, new Faults(services.cluster, entrance));
  }

  /**
   * One session ends just before it breaks, one after the bound, when nobody is fresh any more; one lives on. What was not acknowledged (without Postgres nothing
   * is) is ended again when all is whole. Broken until everybody who then can't know has said so, and everybody else has accepted what lives.
   */
  async suffer(fault: Fault): Promise<void> {
    const [before, meanwhile] = [await this.callers.session(), await this.callers.session()];
    await this.callers.session();
    await this.callers.end(before);
    const ended = await this.whileBroken(fault, meanwhile);
    await this.callers.alive();
    if (!ended) await until(() => this.callers.end(meanwhile), { timeoutMs: 60_000, everyMs: 200, what: 'the end is acknowledged' });
  }

  /** Whether the end was acknowledged. */
  private async whileBroken(fault: Fault, meanwhile: string): Promise<boolean> {
    await fault.begin();
    try {
      const from = performance.now();
      const passed = from + BOUND_MS + SEEN_FOR_MS;
      await until(() => performance.now() > passed, { what: 'the bound has passed' });
      const ended = await this.callers.end(meanwhile);
      const [blind, others] = [fault.blind, EVERYBODY.filter((name) => !fault.blind.includes(name))];
      await this.callers.said('unavailable', blind, from + BOUND_MS);
      await this.callers.said('accepted', others, from + BOUND_MS);
      this.callers.record({ what: fault.what, from, to: performance.now(), blind });
      return ended;
    } finally {
      await fault.heal();
    }
  }

  /** The last proofs, and all that was seen. */
  async over(): Promise<History> {
    const healedAt = performance.now();
    await until(() => performance.now() > healedAt + BOUND_MS, { what: 'the bound has passed for the last end' });
    await this.callers.alive();
    await this.callers.dead();
    await this.callers.stop();
    return this.callers.history(BOUND_MS, healedAt);
  }

  async close(): Promise<void> {
    await this.callers.stop();
    for (const api of this.apis) api.stop();
    await this.services.stop();
    await this.entrance.close();
  }
}
