/**
 * libs/ephemeral owns short-lived state that may be lost without harm: rate counters, once-marks, one-time objects. Three
 * contracts, a driver on Postgres and one on Redis, a fallback from this to that, one suite of cases for every driver. It may not hold the truth about a session, a grant or
 * a token. Called by the login throttle, client authentication, interactions, and replay caches.
 */
export type { Counter, CounterState, Limit } from './counter.js';
export { Ephemeral } from './ephemeral.js';
export type { ExpiringObject, ExpiringObjects } from './expiring-objects.js';
export { FallbackEphemeral } from './fallback/fallback-ephemeral.js';
export type { Once } from './once.js';
export { openEphemeral } from './open-ephemeral.js';
export { PostgresEphemeral } from './postgres/postgres-ephemeral.js';
export { ephemeralSchemaSql, prepareEphemeralSchema } from './postgres/schema.js';
export { connectRedis, type RedisAddress } from './redis/redis-client.js';
export { RedisEphemeral } from './redis/redis-ephemeral.js';
export { RedisAway, type RedisEvents, RedisStore } from './redis/redis-store.js';
export { Sweeper } from './sweeper.js';
export { EPHEMERAL_CASES, type EphemeralCase, type EphemeralHarness } from './testing/cases.js';
