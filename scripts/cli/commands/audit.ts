import type { ServiceWithDoor } from '../admin-client.js';
import { listing } from '../answers.js';
import type { Command } from '../command.js';

const audit = (service: ServiceWithDoor): Command =>
  listing({
    name: `audit ${service}`,
    summary: `What the ${service} service has audited, the latest first.`,
    service,
    path: `/admin/${service}/audit`,
    columns: ['at', 'actor', 'action', 'target', 'reason', 'request_id'],
    filters: { target: { query: 'target' }, actor: { query: 'actor' }, action: { query: 'action' } },
  });

export const AUDIT_COMMANDS: readonly Command[] = [audit('auth'), audit('session'), audit('token')];
