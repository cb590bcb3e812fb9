import type { Metrics } from '#libs/metrics';
import type { HashingQueue } from './hashing-queue.js';

/** Read at a scrape: the queue itself counts and knows nothing of metrics. */
export function observeHashing(metrics: Metrics, queue: HashingQueue): void {
  metrics.collect('hashing', ['lanyard_hashing_running', 'lanyard_hashing_waiting', 'lanyard_hashing_total'], () => {
    metrics.set('lanyard_hashing_running', {}, queue.load.running);
    metrics.set('lanyard_hashing_waiting', {}, queue.load.waiting);
    for (const [outcome, count] of Object.entries(queue.counts)) metrics.set('lanyard_hashing_total', { outcome }, count);
  });
}
