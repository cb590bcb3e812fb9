/**
 * scripts/cli/restore owns what the command line does to the databases themselves, as the roles of their owners. It runs only while no
 * service does. Called by the `restore` command.
 */
import 'reflect-metadata';

export { endEverything } from './end-everything.js';
export { openOwners } from './open-owners.js';
