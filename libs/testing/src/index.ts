/**
 * libs/testing owns what specs stand on: a real Postgres with a database of their own, a real Kafka, a clock to turn, places to hold a request,
 * receivers, a browser, and the four services started in this process or as real ones. Only specs and test/ may import it; it is
 * the one lib that may start apps.
 */
export { ApacheServer } from './apache-server.js';
export { browser } from './browser.js';
export { CheckpointGate, type HeldPlace } from './checkpoint-gate.js';
export { type LogoutDelivery, LogoutReceiver, type ReceiverAnswer } from './logout-receiver.js';
export { NginxServer } from './nginx-server.js';
export { RedisServer } from './redis-server.js';
export { ReplicatedPostgres } from './replicated-postgres.js';
export { schemaDrift } from './schema-drift.js';
export { freePortBase } from './services/port-block.js';
export { ServiceWorld } from './services/service-world.js';
export { SpawnedServices, spawnServices } from './services/spawn-services.js';
export { InProcessServices, type RunningApp, type ServicesOptions, startServices } from './services/start-services.js';
export { STORY, type StoryConfig, type StoryOverrides, secretOf, testConfig } from './services/story-config.js';
export { TestCertificates } from './test-certificates.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { startTestKafka, testKafka, topicPrefix } from './test-kafka.js';
export { TimeMachine } from './time-machine.js';
export { until } from './until.js';
