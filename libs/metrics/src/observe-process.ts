import type { Metrics } from './metrics.js';

/** What the process itself uses, under the names that every Prometheus dashboard knows. */
export function observeProcess(metrics: Metrics): void {
  const sets = ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds'] as const;
  metrics.collect('process', sets, () => {
    const { user, system } = process.cpuUsage();
    metrics.set('process_cpu_seconds_total', {}, (user + system) / 1e6);
    metrics.set('process_resident_memory_bytes', {}, process.memoryUsage.rss());
    metrics.set('process_start_time_seconds', {}, Math.round(performance.timeOrigin) / 1e3);
  });
}
