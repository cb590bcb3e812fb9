import { statfs } from 'node:fs/promises';
import type { Metrics } from '#libs/metrics';

export interface SharedClock {
  now(): number;
}

/** What of the machine a process depends on: its date against the database's, and the disk that its data directory is on. */
export function observeMachine(metrics: Metrics, of: { sharedClock: SharedClock; dataDir: string }): void {
  metrics.collect('clock', ['lanyard_clock_offset_seconds'], () => {
    metrics.set('lanyard_clock_offset_seconds', {}, Math.round(Date.now() - of.sharedClock.now()) / 1_000);
  });
  metrics.collect('disk', ['lanyard_data_dir_free_bytes', 'lanyard_data_dir_size_bytes'], async () => {
    const disk = await statfs(of.dataDir).catch((error: NodeJS.ErrnoException) => {
      // A process that keeps nothing needs no directory.
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!disk) return;
    const { bavail, blocks, bsize } = disk;
    metrics.set('lanyard_data_dir_free_bytes', {}, bavail * bsize);
    metrics.set('lanyard_data_dir_size_bytes', {}, blocks * bsize);
  });
}
