import { SERVICES } from '#libs/contracts';
import { screen } from '../start/screen.js';
import type { Beside } from './beside.js';
import type { Cluster } from './cluster.js';
import type { ServiceMember } from './service-member.js';

/** The screen of `npm start`, with one origin for all of it, and which process is where. */
export function clusterScreen(cluster: Cluster, { kafka, redis, env }: Beside): string {
  const { plan, directory, secrets, ports } = cluster.options;
  const origin = cluster.issuer;
  const publicUrls = { auth: origin, token: origin, session: origin, introspect: origin };
  const lines = screen({ ...plan, config: { ...plan.config, publicUrls } }, directory, secrets, { place: cluster.postgres.home }).split(
    '\n',
  );
  const given = { ...plan.env, ...env };
  const line = (what: string, where: string) => `  ${what.padEnd(13)} ${where}`;
  const processes = [
    line('front', `${ports.front} (this process), in front of:`),
    ...SERVICES.flatMap((service) =>
      pairs(cluster.of(service).map(place)).map((pair, n) => line(n === 0 ? service : '', pair.join('   '))),
    ),
    line('postgres', `${ports.postgres} (process ${cluster.postgres.pid})`),
    line('event log', kafka ? `Kafka, ${kafka.port} (process ${kafka.pid})` : logOf(given)),
    line('redis', redis ? `${redis.port} (process ${redis.pid})` : 'named by LANYARD_REDIS_URL'),
  ];
  return [...lines.slice(0, -2), ...processes, '', ...lines.slice(-2)].join('\n');
}

function place({ pid, options: { instance, publicPort, internalPort } }: ServiceMember): string {
  return `${instance}: ${publicPort}, internal ${internalPort} (process ${pid})`;
}

function pairs(places: readonly string[]): string[][] {
  return places.flatMap((_, n) => (n % 2 === 0 ? [places.slice(n, n + 2)] : []));
}

function logOf({ LANYARD_EVENT_LOG: log, LANYARD_KAFKA_BROKERS: brokers }: NodeJS.ProcessEnv): string {
  return log === 'kafka' ? `Kafka, ${brokers}` : 'Postgres';
}
