import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import { Cluster, type ClusterOptions } from '../cluster/cluster.js';
import { ClusterPorts } from '../cluster/cluster-ports.js';
import { claimDataDirectory, type DataDirectory } from '../start/data-directory.js';
import { preview } from '../start/preview.js';
import { loadSecrets } from '../start/secrets.js';
import { brokerAndCache } from './broker-and-cache.js';
import { chaosConfig } from './chaos-config.js';
import type { Receivers } from './receivers.js';

export const EVENT_LOGS = ['kafka', 'postgres'] as const;
export type EventLog = (typeof EVENT_LOGS)[number];

export interface ChaosClusterOptions extends Pick<ClusterOptions, 'onLost'> {
  /** Made if missing; data, keys, logs. */
  readonly folder: string;
  readonly instances: Readonly<Record<ServiceName, number>>;
  /** `kafka`: a broker and a Redis of its own, each behind a way that can be broken; else Postgres alone. */
  readonly eventLog: EventLog;
  /** Other than the run's own. */
  readonly settings?: Record<string, unknown>;
}

/** A cluster with ways to break, on free ports, that the receivers of a run hear of. Not started. */
export async function chaosCluster(receivers: Receivers, options: ChaosClusterOptions): Promise<Cluster> {
  const { folder, instances, eventLog, settings, onLost } = options;
  const ports = await ClusterPorts.free(instances);
  const directory: DataDirectory = claimDataDirectory(folder);
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'lanyard.yaml');
  writeFileSync(configFile, JSON.stringify(chaosConfig((client) => receivers.urlOf(client), settings)));
  const plan = preview({ PATH: process.env.PATH, LANYARD_CONFIG: configFile, LANYARD_DATA_DIR: folder, PORT_BASE: String(ports.base) });
  const beside = eventLog === 'kafka' ? await brokerAndCache(directory, ports, onLost) : {};
  const lost = onLost ? { onLost } : {};
  return new Cluster({ plan, directory, secrets: loadSecrets(directory), ports, instances, breakable: true, ...beside, ...lost });
}
