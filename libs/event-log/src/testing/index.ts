/**
 * What a driver of the event log must do, as cases that run on any of them, and what specs of the log stand on: owners in a database of
 * their own. Only specs may import it.
 */
export { BROADCAST_CASES, type BroadcastCase, type BroadcastHarness } from './broadcast-cases.js';
export { GROUP_CASES, type GroupCase, type GroupHarness } from './group-cases.js';
export { LogWorld } from './log-world.js';
export { ReaderLog } from './reader-log.js';
