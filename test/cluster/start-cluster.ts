import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { Calls } from '../../scripts/chaos/calls.js';
import { chaosCluster, type EventLog } from '../../scripts/chaos/chaos-cluster.js';
import { Deeds } from '../../scripts/chaos/deeds.js';
import { Receivers } from '../../scripts/chaos/receivers.js';
import { Recorder } from '../../scripts/chaos/recorder.js';
import type { Cluster } from '../../scripts/cluster/cluster.js';

/** A machine that runs other tests too may stop everything for a second: that must heal by asking again, not keep every view from being fresh. */
const SETTINGS = { freshness_bound_ms: 5_000 };

/** What is done to a cluster from here on, and the history of it. */
export interface Users {
  readonly deeds: Deeds;
  readonly recorder: Recorder;
}

/** A cluster of the built product with everybody around it, for a spec. */
export class ClusterWorld {
  private readonly calls = new Calls();
  /** Members that ended though nobody had told them to. */
  readonly lost: string[] = [];

  private constructor(
    readonly cluster: Cluster,
    readonly receivers: Receivers,
    private readonly folder: string,
    lost: string[],
  ) {
    this.lost = lost;
  }

  /** `instances` of each service. What is not started yet is `cluster`'s to start. */
  static async of(instances: number, eventLog: EventLog): Promise<ClusterWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-cluster-'));
    const receivers = await Receivers.start();
    const lost: string[] = [];
    const each = Object.fromEntries(SERVICES.map((name) => [name, instances])) as Record<ServiceName, number>;
    const onLost = ({ name }: { name: string }, how: string) => void lost.push(`${name} ${how}`);
    return new ClusterWorld(
      await chaosCluster(receivers, { folder, instances: each, eventLog, settings: SETTINGS, onLost }),
      receivers,
      folder,
      lost,
    );
  }

  /** With a history that begins now: one behaviour is not judged by another one's. */
  users(): Users {
    const recorder = new Recorder();
    this.receivers.recorder = recorder;
    return { deeds: new Deeds(this.cluster, this.calls, recorder), recorder };
  }

  async close(): Promise<void> {
    await this.cluster.stop();
    await this.calls.close();
    await this.receivers.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
