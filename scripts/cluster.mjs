/** `npm run cluster`: what compose would start, without Docker; so Kafka's Java and Maven and a redis-server, then the launcher in this same process. */
import { ensureJava } from './java.mjs';
import { prepare } from './prepare.mjs';
import { ensureRedis } from './redis.mjs';

console.log('Lanyard as a cluster');
prepare();
// As scripts/cluster/beside.ts has it: who names a broker, a Redis or another log needs none of ours.
const given = (name) => Boolean(process.env[name]?.trim());
if (!given('LANYARD_REDIS_URL') && !given('LANYARD_REDIS_URL_FILE')) ensureRedis('The cluster needs');
if (!given('LANYARD_KAFKA_BROKERS') && (process.env.LANYARD_EVENT_LOG?.trim() || 'kafka') === 'kafka') {
  ensureJava('The cluster needs', 'or do without Kafka: LANYARD_EVENT_LOG=postgres npm run cluster');
}
await import('../dist/scripts/cluster.js');
