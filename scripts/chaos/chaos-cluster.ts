import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import { Cluster, type ClusterOptions } from '../cluster/cluster.js';
import { ClusterPorts } from '../cluster/cluster-ports.js';
import { claimDataDirectory } from '../start/data-directory.js';
import { preview } from '../start/preview.js';
import { loadSecrets } from '../start/secrets.js';
import { chaosConfig } from './chaos-config.js';
import type { Receivers } from './receivers.js';

export interface ChaosClusterOptions extends Pick<ClusterOptions, 'beside' | 'env' | 'onLost'> {
  /** Made if missing; data, keys, logs. */
  readonly folder: string;
  readonly instances: Readonly<Record<ServiceName, number>>;
}

/** A cluster with ways to break, on free ports, that the receivers of a run hear of. Not started. */
export async function chaosCluster(receivers: Receivers, { folder, instances, ...rest }: ChaosClusterOptions): Promise<Cluster> {
  const ports = await ClusterPorts.free(instances);
  const directory = claimDataDirectory(folder);
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'lanyard.yaml');
  writeFileSync(configFile, JSON.stringify(chaosConfig((client) => receivers.urlOf(client))));
  const plan = preview({ PATH: process.env.PATH, LANYARD_CONFIG: configFile, LANYARD_DATA_DIR: folder, PORT_BASE: String(ports.base) });
  return new Cluster({ plan, directory, secrets: loadSecrets(directory), ports, instances, breakable: true, ...rest });
}
