import type { Command } from './command.js';
import { CLIENT_COMMANDS } from './commands/clients.js';
import { DELIVERY_COMMANDS } from './commands/deliveries.js';
import { SESSION_COMMANDS } from './commands/sessions.js';
import { USER_COMMANDS } from './commands/users.js';

/** In the order that the help shows. */
export const COMMANDS: readonly Command[] = [...SESSION_COMMANDS, ...USER_COMMANDS, ...CLIENT_COMMANDS, ...DELIVERY_COMMANDS];
