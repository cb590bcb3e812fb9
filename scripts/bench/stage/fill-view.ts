import pg from 'pg';
import { SERVICES } from '#libs/contracts';
import type { Stage } from './stage.js';
import { until } from './until.js';

const BATCH = 250_000;
/** What a view holds is one and a half horizons old at most, so all of these are in it. */
const CAUGHT_UP_MS = 1_800_000;

/**
 * Ended sessions, grants and tokens, a third of each, by the million: rows of the session service's outbox, numbered under its partition's lock as its
 * relay would, with random ids as its own are. Then waits until every service's view has read them: a look-up in a view without any of a kind is free.
 */
export async function fillView(stage: Stage, entries: number, say: (line: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: stage.cluster.postgres.url('admin') });
  await client.connect();
  const began = performance.now();
  try {
    for (let left = entries; left > 0; left -= BATCH) await client.query(WRITE, [Math.min(left, BATCH)]);
    await client.query('ANALYZE session.outbox');
  } finally {
    await client.end();
  }
  say(`${entries} ended sessions, grants and tokens written in ${seconds(began)} s`);
  const reading = performance.now();
  const all = SERVICES.map((service) => stage.member(service));
  await until(
    async () => (await Promise.all(all.map((member) => entriesIn(member.options.internalPort)))).every((count) => count >= entries),
    CAUGHT_UP_MS,
  );
  say(`read by ${all.length} views in ${seconds(reading)} s more`);
}

const WRITE = `
  WITH numbered AS (
    UPDATE session.outbox_partition SET last_pseq = last_pseq + $1::int WHERE stream = 'revocations' AND partition = 0
    RETURNING last_pseq - $1::int AS before
  )
  INSERT INTO session.outbox (stream, partition, pseq, event_id, key, name, version, body, created_at)
  SELECT 'revocations', 0, numbered.before + n, gen_random_uuid()::text,
    translate(rtrim(encode(uuid_send(gen_random_uuid()), 'base64'), '='), '+/', '-_'), (ARRAY['session', 'grant', 'token'])[1 + n % 3], 1, '{}', date_trunc('milliseconds', lanyard.now())
  FROM numbered, generate_series(1, $1::int) AS n`;

/** As its own metrics say. */
async function entriesIn(internalPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text();
  return [...text.matchAll(/^lanyard_view_entries\{[^}]*\} (\S+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(0);
