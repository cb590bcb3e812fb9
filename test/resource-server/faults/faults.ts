import type { Cluster } from '../../../scripts/cluster/cluster.js';
import type { Member } from '../../../scripts/cluster/member.js';
import type { Weather } from '../../../scripts/cluster/tcp-proxy.js';
import { EVERYBODY, REFUSING } from './apis.js';
import type { Entrance } from './entrance.js';

/** Something to break and to heal. `blind`: see answers-history.ts. */
export interface Fault {
  readonly what: string;
  readonly blind: readonly string[];
  begin(): Promise<void>;
  heal(): Promise<void>;
}

/** What a resource server depends on, each as it can go away. */
export class Faults {
  constructor(
    private readonly cluster: Cluster,
    private readonly entrance: Entrance,
  ) {}

  /** Who may ask instead is not blind: the way to introspection is another one. */
  feed(weather: Weather): Fault {
    const late = weather.kind === 'delay';
    return {
      what: late ? `feed delayed by ${weather.ms} ms` : `feed ${weather.kind}`,
      blind: late ? [] : REFUSING,
      begin: async () => {
        this.entrance.weather = weather;
      },
      heal: async () => {
        this.entrance.weather = { kind: 'fair' };
      },
    };
  }

  /** It blinds nobody: the database stands behind it. */
  kafka(how: 'killed' | 'stopped'): Fault {
    const kafka = this.cluster.options.beside?.find(({ name }) => name === 'kafka');
    if (!kafka) throw new Error('the cluster has no Kafka');
    return this.away('Kafka', [kafka], how, []);
  }

  postgres(how: 'killed' | 'stopped'): Fault {
    return this.away('Postgres', [this.cluster.postgres], how, EVERYBODY);
  }

  introspect(how: 'killed' | 'stopped'): Fault {
    return this.away('introspect', this.cluster.of('introspect'), how, EVERYBODY);
  }

  /** The other one goes on; whose stream was with this one comes to it. */
  oneIntrospect(how: 'killed' | 'stopped'): Fault {
    return this.away('one introspect of two', this.cluster.of('introspect').slice(0, 1), how, []);
  }

  /** At the same time, for as long. */
  both(one: Fault, other: Fault): Fault {
    return {
      what: `${one.what} and ${other.what}`,
      blind: EVERYBODY.filter((name) => one.blind.includes(name) || other.blind.includes(name)),
      begin: async () => void (await Promise.all([one.begin(), other.begin()])),
      heal: async () => void (await Promise.all([one.heal(), other.heal()])),
    };
  }

  private away(name: string, members: readonly Member[], how: 'killed' | 'stopped', blind: readonly string[]): Fault {
    const each = (act: (member: Member) => void | Promise<void>) => async () => void (await Promise.all(members.map(act)));
    const killed = { what: `${name} killed with -9`, begin: each((one) => one.kill()), heal: each((one) => one.start()) };
    const stopped = { what: `${name} stopped with SIGSTOP`, begin: each((one) => one.pause()), heal: each((one) => one.resume()) };
    return { blind, ...(how === 'killed' ? killed : stopped) };
  }
}
