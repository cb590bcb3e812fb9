import type { Cluster } from '../cluster/cluster.js';
import { type Member, restart } from '../cluster/member.js';
import { ServiceMember } from '../cluster/service-member.js';
import type { TcpProxy, Weather } from '../cluster/tcp-proxy.js';
import { CLIENTS } from './chaos-config.js';
import { USERINFO } from './deeds.js';
import type { Random } from './random.js';
import type { Manner, Receivers } from './receivers.js';

/** Something that can be broken, and how it is whole again. `blinds`: see history.ts. */
export interface Breakage {
  readonly name: string;
  readonly target: string;
  readonly blinds: readonly string[];
  /** How long it stays broken. */
  readonly ms: number;
  begin(): Promise<void>;
  heal(): Promise<void>;
}

/** Chooses what breaks next: each kind on each kind of process once, kills of services first, before the rest is drawn. */
export class Faults {
  /** After so many each kind has been there once. */
  readonly ofEachKind: number;
  private readonly first: Breakage[];

  constructor(
    private readonly cluster: Cluster,
    private readonly receivers: Receivers,
    private readonly random: Random,
    /** Longer ones give the retries of a minute's run no time. */
    private readonly longestMs: number,
  ) {
    const instances = random.shuffled(cluster.services);
    const oneOfEach = instances.filter((member, n) => instances.findIndex(({ service }) => service === member.service) === n);
    const data = random.shuffled([cluster.postgres, ...this.beside]);
    const paused = random.of(instances) as ServiceMember;
    const cutOff = random.of(instances) as ServiceMember;
    this.first = [
      ...oneOfEach.map((member) => this.kill([member])),
      ...data.map((member) => this.restarted(member)),
      ...data.map((member) => this.pause(member)),
      ...this.beside.map((member) => this.weatherBeside(member)),
      ...[this.pause(paused), this.weather('between a service and Postgres', paused), this.weather('between services', cutOff)],
      ...[this.resetAll(), this.failingReceivers()],
    ];
    this.ofEachKind = this.first.length;
  }

  next(): Breakage {
    return this.first.shift() ?? (this.random.of(this.kinds()) as () => Breakage)();
  }

  /** One that touches nothing that `other` does: who is being killed can't be shown to come back. */
  nextBeside(other: Breakage): Breakage {
    const touched = new Set(other.target.split(', '));
    const apart = ({ target }: Breakage) => !target.split(', ').some((one) => touched.has(one));
    const waits = this.first.findIndex(apart);
    if (waits >= 0) return this.first.splice(waits, 1)[0] as Breakage;
    for (;;) {
      const drawn = (this.random.of(this.kinds()) as () => Breakage)();
      if (apart(drawn)) return drawn;
    }
  }

  private kinds(): (() => Breakage)[] {
    const { random, cluster } = this;
    const anyone = () => random.of(cluster.services) as ServiceMember;
    return [
      () => this.kill([anyone()]),
      () => this.kill(cluster.of(anyone().service)),
      () => this.restarted(cluster.postgres),
      () => this.kill([cluster.postgres]),
      () => this.pause(cluster.postgres),
      () => this.pause(anyone()),
      () => this.pause(anyone()),
      () => this.weather('between a service and Postgres', anyone()),
      () => this.weather('between a service and Postgres', random.of(cluster.of('introspect')) as ServiceMember),
      () => this.weather('between services', anyone()),
      () => this.resetAll(),
      () => this.failingReceivers(),
      ...this.beside.flatMap((member) => [
        () => this.kill([member]),
        () => this.restarted(member),
        () => this.pause(member),
        () => this.weatherBeside(member),
        () => this.weatherBeside(member),
      ]),
    ];
  }

  private get beside(): readonly Member[] {
    return this.cluster.options.beside ?? [];
  }

  private get boundMs(): number {
    return this.cluster.options.plan.config.settings.freshness_bound_ms;
  }

  private lasting(shortestMs = 500): number {
    return Math.round(this.random.between(shortestMs, this.longestMs));
  }

  private kill(members: readonly Member[]): Breakage {
    return {
      name: members.length > 1 ? `kill -9 of all of ${kindOf(members[0])}` : `kill -9 of ${kindOf(members[0])}`,
      target: members.map(({ name }) => name).join(', '),
      blinds: this.blindedBy(members),
      ms: this.lasting(),
      begin: async () => void (await Promise.all(members.map((member) => member.kill()))),
      heal: async () => void (await Promise.all(members.map((member) => member.start()))),
    };
  }

  private restarted(member: Member): Breakage {
    return {
      name: `restart of ${kindOf(member)}`,
      target: member.name,
      blinds: [],
      ms: 0,
      begin: () => restart(member),
      heal: async () => undefined,
    };
  }

  private pause(member: Member): Breakage {
    return {
      name: `SIGSTOP of ${kindOf(member)}`,
      target: member.name,
      blinds: this.blindedBy([member]),
      // Of Postgres longer than the bound: what is said while nothing can be proven is to be seen.
      ms: this.lasting(1_000) + (member === this.cluster.postgres ? this.boundMs + 1_000 : 0),
      begin: async () => member.pause(),
      heal: async () => member.resume(),
    };
  }

  private weather(where: 'between a service and Postgres' | 'between services', member: ServiceMember): Breakage {
    const ways = this.cluster.ways.get(member);
    if (!ways) throw new Error('the cluster was started without ways to break');
    const weather = this.anyWeather();
    const way: TcpProxy = where === 'between services' ? ways.toInternalPort : ways.toPostgres;
    const blind = where !== 'between services' && weather.kind !== 'delay' && member.service === 'introspect';
    return this.broken(way, weather, { name: `${weather.kind} ${where}`, target: member.name, blinds: blind ? [member.name] : [] });
  }

  /** Of all services at once. It blinds nobody: the database stands behind both. */
  private weatherBeside(member: Member): Breakage {
    const way = this.cluster.options.waysBeside?.get(member);
    if (!way) throw new Error(`there is no way to ${member.name} that could be broken`);
    const weather = this.anyWeather();
    return this.broken(way, weather, { name: `${weather.kind} before ${member.name}`, target: member.name, blinds: [] });
  }

  private broken(way: TcpProxy, weather: Weather, what: Pick<Breakage, 'name' | 'target' | 'blinds'>): Breakage {
    return { ...what, ms: this.lasting(1_500), begin: async () => way.set(weather), heal: async () => way.heal() };
  }

  private anyWeather(): Weather {
    return this.random.of<Weather>([
      { kind: 'cut' },
      { kind: 'hole' },
      { kind: 'half-open' },
      { kind: 'delay', ms: Math.round(this.random.between(20, 1_000)) },
    ]) as Weather;
  }

  /** Every connection between services, and to what keeps data, of this moment. */
  private resetAll(): Breakage {
    const begin = async () => {
      for (const way of this.cluster.options.waysBeside?.values() ?? []) way.reset();
      for (const { toPostgres, toInternalPort } of this.cluster.ways.values()) {
        toPostgres.reset();
        toInternalPort.reset();
      }
    };
    return { name: 'reset of all connections', target: 'everything', blinds: [], ms: 0, begin, heal: async () => undefined };
  }

  /** Half of them: some will be met again, some have said their last word. */
  private failingReceivers(): Breakage {
    const half = this.random.shuffled(CLIENTS).slice(0, CLIENTS.length / 2);
    const manners = half.map(
      (client, n) => [client, n % 2 === 0 ? (this.random.of<Manner>(['unavailable', 'drop']) as Manner) : 'refuse'] as const,
    );
    return {
      name: 'half of the logout receivers fail',
      target: manners.map(([client, manner]) => `${client} (${manner})`).join(', '),
      blinds: [],
      ms: this.lasting(1_000),
      begin: async () => {
        for (const [client, manner] of manners) this.receivers.behave(client, manner);
      },
      heal: async () => {
        for (const client of half) this.receivers.behave(client, 'accept');
      },
    };
  }

  /** Without Postgres nobody can know of an end, except from a log that does not need it. */
  private blindedBy(members: readonly Member[]): string[] {
    const all = members.includes(this.cluster.postgres);
    return all ? [...this.cluster.of('introspect').map(({ name }) => name), USERINFO] : [];
  }
}

/** `session` for each of its instances. */
function kindOf(member: Member | undefined): string {
  return member instanceof ServiceMember ? member.service : (member?.name ?? 'nobody');
}
