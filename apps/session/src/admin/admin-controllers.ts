import { AdminAuditController } from './admin-audit.controller.js';
import { AdminDeadLettersController } from './admin-dead-letters.controller.js';
import { AdminDeliveriesController } from './admin-deliveries.controller.js';
import { AdminSessionsController } from './admin-sessions.controller.js';
import { AdminStatusController } from './admin-status.controller.js';
import { AdminUnreadEventsController } from './admin-unread-events.controller.js';

/**
 * apps/session/src/admin owns the operators' door to sessions, logout deliveries and dead letters. It adds lists and batches, never a way of its own
 * to end anything: that is endSessions, cutParticipant and the handlers, as everywhere. Every call is audited; who may call is libs/admin-api's.
 */
export const ADMIN_CONTROLLERS = [
  AdminSessionsController,
  AdminDeliveriesController,
  AdminDeadLettersController,
  AdminUnreadEventsController,
  AdminAuditController,
  AdminStatusController,
];
