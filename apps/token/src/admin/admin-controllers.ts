import { AdminAuditController } from './admin-audit.controller.js';
import { AdminDeadLettersController } from './admin-dead-letters.controller.js';
import { AdminGrantsController } from './admin-grants.controller.js';
import { AdminKeysController } from './admin-keys.controller.js';

/**
 * apps/token/src/admin owns the operators' door to grants, keys, dead letters and the audit. It adds lists and batches, never a way of its own to revoke
 * anything: that is revokeGrants, ChangeKeys and the handlers. Every call is audited; who may call is libs/admin-api's.
 */
export const ADMIN_CONTROLLERS = [AdminGrantsController, AdminKeysController, AdminDeadLettersController, AdminAuditController];
