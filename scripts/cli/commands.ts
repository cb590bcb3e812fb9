import type { Command } from './command.js';
import { APPLY_COMMANDS } from './commands/apply.js';
import { AUDIT_COMMANDS } from './commands/audit.js';
import { CHECK_COMMANDS } from './commands/check.js';
import { CLIENT_COMMANDS } from './commands/clients.js';
import { DEAD_LETTER_COMMANDS } from './commands/dead-letters.js';
import { DELIVERY_COMMANDS } from './commands/deliveries.js';
import { GRANT_COMMANDS } from './commands/grants.js';
import { KEY_COMMANDS } from './commands/keys.js';
import { RESTORE_COMMANDS } from './commands/restore.js';
import { REWRAP_COMMANDS } from './commands/rewrap.js';
import { SESSION_COMMANDS } from './commands/sessions.js';
import { UNREAD_EVENT_COMMANDS } from './commands/unread-events.js';
import { USER_COMMANDS } from './commands/users.js';

/** In the order that the help shows. */
export const COMMANDS: readonly Command[] = [
  ...CHECK_COMMANDS,
  ...SESSION_COMMANDS,
  ...DELIVERY_COMMANDS,
  ...GRANT_COMMANDS,
  ...USER_COMMANDS,
  ...CLIENT_COMMANDS,
  ...APPLY_COMMANDS,
  ...KEY_COMMANDS,
  ...REWRAP_COMMANDS,
  ...DEAD_LETTER_COMMANDS,
  ...UNREAD_EVENT_COMMANDS,
  ...AUDIT_COMMANDS,
  ...RESTORE_COMMANDS,
];
