import { z } from 'zod';
import { adminRoute } from '#libs/admin-api';
import type { MetricName } from '#libs/metrics';

/** What the doctor looks at, of docs/metrics.md. */
export const FIGURES: readonly MetricName[] = [
  'lanyard_ready',
  'lanyard_view_fresh',
  'lanyard_view_freshness_age_seconds',
  'lanyard_view_gap',
  'lanyard_outbox_unnumbered_rows',
  'lanyard_outbox_unnumbered_age_seconds',
  'lanyard_outbox_unpassed_rows',
  'lanyard_outbox_unpassed_age_seconds',
  'lanyard_outbox_dead_letters',
  'lanyard_dead_letters',
  'lanyard_logout_deliveries',
  'lanyard_logout_deliveries_oldest_seconds',
  'lanyard_clock_offset_seconds',
  'lanyard_data_dir_free_bytes',
  'lanyard_data_dir_size_bytes',
];

const sample = z.strictObject({
  name: z.string().describe('As in docs/metrics.md.'),
  labels: z.record(z.string(), z.string()),
  value: z.number().nullable().describe('null: infinite, as the age of what never was.'),
});

const processStatus = z.strictObject({
  service: z.string(),
  address: z.string().describe('Of its internal listener.'),
  view_id: z.string(),
  lapsed: z.boolean().describe('It has not renewed its lease: it hangs, or is gone.'),
  problem: z.string().nullable().describe('Why it could not be asked; null: it was.'),
  samples: z.array(sample),
});
export type ProcessStatus = z.infer<typeof processStatus>;

export const readStatus = adminRoute({
  method: 'GET',
  path: '/admin/session/status',
  scope: 'lanyard:status:read',
  summary: 'Asks every registered process of every service for its figures, now.',
  response: z.strictObject({ processes: z.array(processStatus) }),
});
