import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { Calls } from '../../scripts/chaos/calls.js';
import { chaosCluster } from '../../scripts/chaos/chaos-cluster.js';
import { Deeds } from '../../scripts/chaos/deeds.js';
import { Receivers } from '../../scripts/chaos/receivers.js';
import { Recorder } from '../../scripts/chaos/recorder.js';
import type { Cluster } from '../../scripts/cluster/cluster.js';

/** A cluster of the built product with everybody around it, for a spec. */
export class ClusterWorld {
  readonly recorder = new Recorder();
  readonly calls = new Calls();
  readonly deeds: Deeds;
  /** Members that ended though nobody had told them to. */
  readonly lost: string[] = [];

  private constructor(
    readonly cluster: Cluster,
    readonly receivers: Receivers,
    private readonly folder: string,
    lost: string[],
  ) {
    this.lost = lost;
    this.deeds = new Deeds(cluster, this.calls, this.recorder);
    receivers.recorder = this.recorder;
  }

  /** `instances` of each service. What is not started yet is `cluster`'s to start. */
  static async of(instances: number): Promise<ClusterWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-cluster-'));
    const receivers = await Receivers.start();
    const lost: string[] = [];
    const each = Object.fromEntries(SERVICES.map((name) => [name, instances])) as Record<ServiceName, number>;
    const onLost = ({ name }: { name: string }, how: string) => void lost.push(`${name} ${how}`);
    return new ClusterWorld(
      await chaosCluster(receivers, { folder, instances: each, eventLog: 'postgres', onLost }),
      receivers,
      folder,
      lost,
    );
  }

  async close(): Promise<void> {
    await this.cluster.stop();
    await this.calls.close();
    await this.receivers.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
