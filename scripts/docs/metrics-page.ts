import { METRICS, type MetricDefinition } from '#libs/metrics';
import { code, page, table } from './markdown.js';

const ALARMS = [
  ['a view not fresh', 'lanyard_view_fresh == 0', 'checks answer 503 there'],
  ['a relay stopped', 'lanyard_outbox_unnumbered_age_seconds > 1', 'ends reach views by hints and log readers only'],
  ['a group reader stopped', 'lanyard_outbox_unpassed_age_seconds > 10', 'its housekeeping waits; views and truth refuse regardless'],
  ['Kafka stands still', 'lanyard_view_log_age_seconds > 5', 'views read the database instead: fresh, and dearer'],
  [
    'a group reader far behind',
    'lanyard_log_reader_lag_events > 1000',
    'more instances than partitions help nobody; look for a slow handler',
  ],
  ['dead letters', 'lanyard_dead_letters > 0 or lanyard_outbox_dead_letters > 0', 'an operator has to replay or close them'],
  ['logout tokens given up', 'lanyard_logout_deliveries{state="dead"} > 0', 'a client was not told; replay when it is back'],
  ['ends not confirmed', 'rate(lanyard_confirm_seconds_count{confirmed="false"}[5m]) > 0', 'some process did not answer its hint'],
  ['sign-ins refused', 'increase(lanyard_hashing_total{outcome="refused"}[5m]) > 0', 'more instances of auth, or an attack'],
];

export function metricsPage(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(([name, { type, labels, of, help }]) => [
    code(name),
    type,
    labels.map(code).join(', ') || '–',
    of.length === 4 ? 'all' : of.join(', '),
    help,
  ]);
  return page('Metrics', 'libs/metrics (catalogue.ts)', [
    'Every process serves `/metrics` on its internal listener (ports +10 to +13), and nowhere else: in the text format 0.0.4 of Prometheus, without a token. No label carries an id, an address or anything that a client sent. A number that could not be read is absent, never old.',
    table(['metric', 'type', 'labels', 'of', 'what it says'], rows),
    '## Alarms worth having',
    table(
      ['what', 'when', 'and then'],
      ALARMS.map(([what = '', when = '', then = '']) => [what, code(when), then]),
    ),
  ]);
}
