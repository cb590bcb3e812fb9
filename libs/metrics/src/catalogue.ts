/** Every metric there is: docs/metrics.md is made from this map, and a test scrapes each of them. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
  /** Who has it; for the documentation and the test. */
  readonly of: readonly ('auth' | 'token' | 'session' | 'introspect')[];
}

const ALL = ['auth', 'token', 'session', 'introspect'] as const;
const OWNERS = ['auth', 'token', 'session'] as const;
const READERS = ['token', 'session'] as const;
const STORING = ['auth', 'token', 'introspect'] as const;

const REQUEST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Around the goals: p50 50 ms, p99 250 ms, and the bound of 2 s. */
const CASCADE = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 5, 30];
/** A receiver that is away is tried for a day. */
const DELIVERY = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600, 21_600, 86_400];

export const METRICS = {
  lanyard_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Requests answered, by matched route (never by URL), on either listener.',
    labels: ['listener', 'method', 'route', 'status'],
    buckets: REQUEST,
    of: ALL,
  },
  lanyard_ready: {
    type: 'gauge',
    help: 'One series for each reason a process may or may not be sent traffic, as at /health/ready: 1 is ok.',
    labels: ['reason'],
    of: ALL,
  },
  lanyard_view_fresh: {
    type: 'gauge',
    help: '1 while the revocation view may be answered from. At 0 checks answer 503.',
    labels: [],
    of: ALL,
  },
  lanyard_view_freshness_age_seconds: {
    type: 'gauge',
    help: 'Age of the last proof that the view is complete. Beyond the bound less 0.1 s the view is not used. +Inf: none yet.',
    labels: ['source'],
    of: ALL,
  },
  lanyard_view_gap: { type: 'gauge', help: '1 while a record of the source is known to be missing here.', labels: ['source'], of: ALL },
  lanyard_view_lag_entries: {
    type: 'gauge',
    help: 'Revocations that their owner has numbered and this process’s view has not read.',
    labels: ['source', 'partition'],
    of: ALL,
  },
  lanyard_view_log_age_seconds: {
    type: 'gauge',
    help: 'Since the log itself last proved this partition complete. With Kafka it grows while broker, publishing or reading stands still, although the database keeps the view fresh. +Inf: not yet.',
    labels: ['source', 'partition'],
    of: ALL,
  },
  lanyard_view_entries: { type: 'gauge', help: 'Revocations held in memory.', labels: ['kind'], of: ALL },
  lanyard_view_apply_seconds: {
    type: 'histogram',
    help: 'From a revocation (the time of its row, by the owner’s database clock) to its place in this process’s view; first arrivals only.',
    labels: ['kind', 'via'],
    buckets: CASCADE,
    of: ALL,
  },
  lanyard_confirm_seconds: {
    type: 'histogram',
    help: 'From the commit of an end or a revocation to the answer of every registered view, or to the end of the wait.',
    labels: ['confirmed'],
    buckets: CASCADE,
    of: OWNERS,
  },
  lanyard_feed_listeners: {
    type: 'gauge',
    help: 'Resource servers that listen to /revocations of this process.',
    labels: [],
    of: ['introspect'],
  },
  lanyard_feed_closed_total: {
    type: 'counter',
    help: 'Their streams that ended: by themselves (gone), cut because they did not take what waited for them (slow), for another client record (client_changed), at the end of this process (leaving).',
    labels: ['reason'],
    of: ['introspect'],
  },
  lanyard_feed_events_total: {
    type: 'counter',
    help: 'Events written to listeners, each for each; without those of snapshots.',
    labels: ['event'],
    of: ['introspect'],
  },
  lanyard_feed_refused_total: {
    type: 'counter',
    help: 'Listeners and probes answered 503: no place for anybody (full) or for this client, which has its share (share), a view that has not been complete yet (not_ready), or can not prove itself now (not_fresh).',
    labels: ['reason'],
    of: ['introspect'],
  },
  lanyard_outbox_unnumbered_rows: {
    type: 'gauge',
    help: 'Committed and not yet numbered by the relay.',
    labels: ['stream'],
    of: OWNERS,
  },
  lanyard_outbox_unnumbered_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest of them; alarm above 1 s.',
    labels: ['stream'],
    of: OWNERS,
  },
  lanyard_outbox_unpassed_rows: {
    type: 'gauge',
    help: 'Events that some group reader has not handled, by the reader’s own reports (each second).',
    labels: ['reader'],
    of: ['auth', 'session'],
  },
  lanyard_outbox_unpassed_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest of them: the group reader’s lag in time.',
    labels: ['reader'],
    of: ['auth', 'session'],
  },
  lanyard_log_reader_lag_events: {
    type: 'gauge',
    help: 'Events that their owner has numbered and the service has not handled, as the reader itself sees it.',
    labels: ['reader', 'source', 'partition'],
    of: READERS,
  },
  lanyard_outbox_dead_letters: {
    type: 'gauge',
    help: 'Events that retention moved away before the reader handled them.',
    labels: ['reader'],
    of: ['auth', 'session'],
  },
  lanyard_dead_letters: {
    type: 'gauge',
    help: 'What this service gave up on and nobody has replayed or closed.',
    labels: ['source'],
    of: READERS,
  },
  lanyard_logout_deliveries: {
    type: 'gauge',
    help: 'Logout tokens owed (pending) and given up on (dead).',
    labels: ['state'],
    of: ['session'],
  },
  lanyard_logout_deliveries_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the oldest pending one.',
    labels: [],
    of: ['session'],
  },
  lanyard_logout_delivery_attempts_total: {
    type: 'counter',
    help: 'Attempts to deliver a logout token.',
    labels: ['outcome'],
    of: ['session'],
  },
  lanyard_logout_delivery_seconds: {
    type: 'histogram',
    help: 'From a session’s end to what finally became of a logout token.',
    labels: ['outcome'],
    buckets: DELIVERY,
    of: ['session'],
  },
  lanyard_hashing_running: { type: 'gauge', help: 'Passwords being hashed.', labels: [], of: ['auth'] },
  lanyard_hashing_waiting: { type: 'gauge', help: 'Sign-ins that wait for a place.', labels: [], of: ['auth'] },
  lanyard_hashing_total: {
    type: 'counter',
    help: 'Hashes done, and those refused because the queue was full.',
    labels: ['outcome'],
    of: ['auth'],
  },
  lanyard_redis_up: {
    type: 'gauge',
    help: '1 while Redis is used; 0 while Postgres counts and keeps in its place. Absent without LANYARD_REDIS_URL.',
    labels: [],
    of: STORING,
  },
  lanyard_redis_fallbacks_total: {
    type: 'counter',
    help: 'Counters and objects served by Postgres because Redis was away, and marks refused for it (503).',
    labels: ['contract'],
    of: STORING,
  },
  lanyard_redis_errors_total: {
    type: 'counter',
    help: 'Commands without an answer in time (timeout), without a connection, or refused by Redis (refused).',
    labels: ['kind'],
    of: STORING,
  },
  lanyard_redis_births_total: {
    type: 'counter',
    help: 'How often Redis was found to have forgotten, or perhaps: new, restarted, failed over, flushed, evicting, its clock ahead.',
    labels: [],
    of: STORING,
  },
  lanyard_clock_offset_seconds: {
    type: 'gauge',
    help: 'This process’s date less the database server’s. Nothing is judged by it; people who read logs are confused by it.',
    labels: [],
    of: ALL,
  },
  lanyard_data_dir_free_bytes: {
    type: 'gauge',
    help: 'Free on the disk of the data directory. The witness files are there, and with npm start the database.',
    labels: [],
    of: ALL,
  },
  lanyard_data_dir_size_bytes: { type: 'gauge', help: 'Size of that disk.', labels: [], of: ALL },
  lanyard_metrics_collect_errors_total: {
    type: 'counter',
    help: 'Scrapes for which some numbers could not be read; their metrics are then absent, never stale.',
    labels: ['collector'],
    of: ALL,
  },
  process_cpu_seconds_total: { type: 'counter', help: 'User and system CPU time.', labels: [], of: ALL },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory.', labels: [], of: ALL },
  process_start_time_seconds: { type: 'gauge', help: 'When the process started, seconds since the epoch.', labels: [], of: ALL },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
