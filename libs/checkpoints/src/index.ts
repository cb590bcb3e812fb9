/**
 * libs/checkpoints owns the named places in a flow where a test may hold a request or kill the process. In production every
 * place is a no-op; nothing here decides anything. Called by endpoints and stores; opened only by tests.
 */
export { type Checkpoints, NO_CHECKPOINTS } from './checkpoints.js';
export { checkpointsFromEnvironment } from './crash-points.js';
