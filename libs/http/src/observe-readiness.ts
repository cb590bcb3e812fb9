import type { Metrics } from '#libs/metrics';
import type { Readiness } from './readiness.js';

/** The reasons of /health/ready as numbers, so that an alarm can name what is wrong. */
export function observeReadiness(metrics: Metrics, readiness: Readiness): void {
  metrics.collect('readiness', ['lanyard_ready'], () => {
    for (const { name, ok } of readiness.reasons) metrics.set('lanyard_ready', { reason: name }, ok ? 1 : 0);
  });
}
