/**
 * `npm run cluster`: what docker-compose.yml starts, without Docker: Postgres, Kafka as the event log, Redis, two of each service
 * (LANYARD_INSTANCES), one origin. It keeps its data apart from that of `npm start`, in `.lanyard-cluster`, unless LANYARD_DATA_DIR says where.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '#libs/config';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { kafkaIsHere } from '#libs/embedded-kafka';
import { besidePostgres } from './cluster/beside.js';
import { Cluster } from './cluster/cluster.js';
import { ClusterPorts } from './cluster/cluster-ports.js';
import { clusterScreen } from './cluster/cluster-screen.js';
import type { Member } from './cluster/member.js';
import { ServiceMember } from './cluster/service-member.js';
import { claimDataDirectory } from './start/data-directory.js';
import { LauncherError } from './start/launcher-error.js';
import { preview } from './start/preview.js';
import { progress } from './start/progress.js';
import { loadSecrets } from './start/secrets.js';
import { Shutdown } from './start/shutdown.js';

const MAX_INSTANCES = 9;

function instancesOf({ LANYARD_INSTANCES: given = '2' }: NodeJS.ProcessEnv): Record<ServiceName, number> {
  const count = Number(given);
  if (!Number.isInteger(count) || count < 1 || count > MAX_INSTANCES) {
    throw new LauncherError(`LANYARD_INSTANCES: expected a number from 1 to ${MAX_INSTANCES}, found "${given.slice(0, 20)}".`);
  }
  return Object.fromEntries(SERVICES.map((name) => [name, count])) as Record<ServiceName, number>;
}

async function start(shutdown: Shutdown): Promise<void> {
  const instances = instancesOf(process.env);
  if (process.env.DATABASE_URL) throw new LauncherError('npm run cluster brings a Postgres of its own: unset DATABASE_URL.');
  const plan = preview({ ...process.env, LANYARD_DATA_DIR: process.env.LANYARD_DATA_DIR?.trim() || '.lanyard-cluster' });
  const directory = claimDataDirectory(plan.dataDir);
  shutdown.add(() => directory.release());
  const ports = new ClusterPorts(plan.config.portBase);
  await ports.check(instances);
  const secrets = loadSecrets(directory);
  /** The others go on without it meanwhile. */
  const again = (member: Member, how: string, afterMs = 500) => {
    if (shutdown.running) return;
    console.error(`${member.name} ${how}; starting it again.`);
    const launch = () => (member instanceof ServiceMember ? member.launch() : member.start());
    void delay(afterMs)
      .then(() => shutdown.running || launch())
      .catch((error: Error) => again(member, `did not start (${error.message})`, 5_000));
  };
  const data = besidePostgres(process.env, directory, ports, again);
  const { kafka, redis, env } = data;
  const beside = [kafka, redis].filter((member) => member !== undefined);
  const cluster: Cluster = new Cluster({
    ...{ plan, directory, secrets, ports, instances, beside, env },
    onLost: (member, how) => (member instanceof ServiceMember ? again(member, how) : void shutdown.run(1, `${member.name} ${how}.`)),
  });
  shutdown.add(() => cluster.stop());
  const first = kafka && !kafkaIsHere() ? ', which is fetched through Maven first' : '';
  const names = ['Postgres', ...(redis ? ['Redis'] : []), ...(kafka ? [`Kafka${first}`] : [])];
  await progress(names.join(', '), () => cluster.startData());
  shutdown.check();
  await cluster.openWays();
  await cluster.openBalancers();
  await progress(`Services (${cluster.services.length} processes)`, () => cluster.startServices());
  shutdown.check();
  console.log(clusterScreen(cluster, data));
}

const shutdown = new Shutdown();
start(shutdown).catch(async (error: unknown) => {
  if (shutdown.running) return;
  if (error instanceof ConfigError) await shutdown.run(78, `The configuration can't be used:\n${error.message}`);
  else if (error instanceof LauncherError) await shutdown.run(1, error.message);
  else await shutdown.run(1, error instanceof Error ? `Starting failed: ${error.message}` : String(error));
});
