import type { Metrics } from '#libs/metrics';
import type { BroadcastReader } from '../broadcast/broadcast-reader.js';
import type { LogTransport } from '../group/log-transport.js';

/** How far this service is behind what its sources published, as a group reader. */
export function observeGroupReader(metrics: Metrics, transport: LogTransport): void {
  metrics.collect('log_reader', ['lanyard_log_reader_lag_events'], async () => {
    for (const { source, partition, behind } of await transport.lags())
      metrics.set('lanyard_log_reader_lag_events', { reader: transport.reader, source, partition: `${partition}` }, behind);
  });
}

/** How far this process's view is behind, and how long ago the log itself said so, per partition. */
export function observeBroadcastReader(metrics: Metrics, reader: BroadcastReader): void {
  metrics.collect('view_log', ['lanyard_view_lag_entries', 'lanyard_view_log_age_seconds'], async () => {
    for (const { source, partition, behind, ageMs } of (await reader.lags?.()) ?? []) {
      const labels = { source, partition: `${partition}` };
      metrics.set('lanyard_view_lag_entries', labels, behind);
      metrics.set('lanyard_view_log_age_seconds', labels, Math.max(0, ageMs) / 1_000);
    }
  });
}
