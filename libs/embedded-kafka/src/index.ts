/**
 * libs/embedded-kafka owns running a real Kafka broker from the jars that Maven brought: one node, KRaft, on loopback, never left
 * behind when the process that started it dies, whatever way. It knows nothing of topics. Called by libs/testing and by scripts that start
 * a cluster without Docker; it imports nothing, so that jest can start it before any lib is compiled.
 */

export { KAFKA_VERSION, kafkaIsHere } from './jars.js';
export { clusterId, KafkaServer, startKafka } from './kafka-server.js';
export type { KafkaOptions, SecuredListener } from './properties.js';
