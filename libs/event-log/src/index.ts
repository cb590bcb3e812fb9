/**
 * libs/event-log owns the way of a change from an owner's transaction to every reader: outbox, numbering, tickets, the log readers, group
 * delivery as a Nest transport, retention and the check for restored copies. It may read other owners' outbox tables, as
 * `lanyard_log` and nothing more. Called by the owners (Outbox, LogOwner), by views (a BroadcastReader) and by consumers (LogTransport).
 */
export type { BroadcastHandlers, BroadcastProof, BroadcastReader, LogPlace, LogPosition } from './broadcast/broadcast-reader.js';
export type { PartitionLag } from './broadcast/partition-lag.js';
export {
  type LogRecord,
  NEW_READER,
  READER_RULES,
  type ReaderRules,
  type ReaderState,
  type ReadPlan,
  type ReadResult,
  type Ticket,
} from './broadcast/reader-state.js';
export { type LogClock, PROCESS_CLOCK } from './clock.js';
export type { Closed } from './group/close-dead-letters.js';
export { closedLettersMigration } from './group/closed-letters.migration.js';
export { connectLogTransport } from './group/connect-log-transport.js';
export type { DeadLetter, LetterRecorder } from './group/dead-letter.js';
export { DeadLetters, type Redelivery, type Replayed } from './group/dead-letters.js';
export { DEFAULT_RETRY, type DeadReason, type RetryRule } from './group/delivery-rules.js';
export type { EventSource } from './group/event-source.js';
export { groupReaderMigration } from './group/group-reader.migration.js';
export { handleOnce } from './group/handle-once.js';
export { LogContext } from './group/log-context.js';
export { LogTransport, type LogTransportOptions } from './group/log-transport.js';
export {
  BROADCAST_RULES,
  type BroadcastRules,
  type BroadcastState,
  NEW_BROADCAST,
  type Outcome,
  onRead,
  onRecords,
  onReset,
  onSend,
  onTicket,
  type Probe,
  type Sent,
} from './kafka/broadcast/broadcast-state.js';
export type { BroadcastRecord, FollowedPartition } from './kafka/broadcast/followed-partition.js';
export { KafkaBroadcastReader } from './kafka/broadcast/kafka-broadcast-reader.js';
export type { FetchRules } from './kafka/group/fetched-partition.js';
export { KafkaEventSource, type KafkaEventSourceOptions } from './kafka/group/kafka-event-source.js';
export type { KafkaClient, KafkaSettings } from './kafka/kafka-client.js';
export { type KafkaLogSettings, kafkaOwner, kafkaReader } from './kafka/kafka-log.js';
export { KafkaPublisher } from './kafka/publisher.js';
export { observeDeadLetters } from './observe/observe-dead-letters.js';
export { observeOutbox } from './observe/observe-outbox.js';
export { observeBroadcastReader, observeGroupReader } from './observe/observe-readers.js';
export { addPartitions } from './outbox/add-partitions.js';
export { type Change, type EventDraft, MAX_BODY_BYTES, type RevocationDraft } from './outbox/change.js';
export { lineageMigration } from './outbox/lineage.migration.js';
export { Outbox } from './outbox/outbox.js';
export { EPOCH_NOT_VOUCHED, outboxMigration } from './outbox/outbox.migration.js';
export { type PassedReport, recordPassed } from './outbox/record-passed.js';
export { UnreadEvents } from './outbox/unread-events.js';
export { LOG_CHANNEL, PARTITIONS, partitionOf } from './partitions.js';
export type { ConnectLog, LogQueries } from './postgres/log-connection.js';
export { PostgresLogReader, type PostgresLogReaderOptions } from './postgres/postgres-log-reader.js';
export { type Numbering, numberRows } from './relay/number-rows.js';
export { Relay, type RelayOptions } from './relay/relay.js';
export { Ticker } from './ticker.js';
export { acceptCopy } from './witness/accept-copy.js';
export { LogOwner, type LogOwnerOptions } from './witness/log-owner.js';
export { behindWitness } from './witness/witness-file.js';
