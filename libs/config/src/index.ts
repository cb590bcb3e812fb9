/**
 * libs/config owns what a service is told from outside: environment variables, the configuration file, and their one schema per
 * app. It reads files and the environment and nothing else; it opens no connection and imports nothing into a database (apps/auth
 * does). Called once by each app's main, by the launcher, and by scripts/docs for the reference.
 */

export { API_MEMBERS } from './catalogue/api-schema.js';
export type { Catalogue, CatalogueApi, CatalogueClient, CatalogueUser } from './catalogue/catalogue.js';
export { CLIENT_ID } from './catalogue/client-schema.js';
export { parseCatalogue } from './catalogue/parse-catalogue.js';
export { parseRegistration, type Registration, type RegistrationProblem } from './catalogue/registration.js';
export { USER_MEMBERS, usernameKey } from './catalogue/user-schema.js';
export type { AuthConfig, BaseConfig, ConfigOf, IntrospectConfig, ServicePorts, SessionConfig, TokenConfig } from './config.js';
export { ConfigError, type ConfigProblem, type Place, SecretNotThere } from './config-error.js';
export { readKek } from './environment/read-kek.js';
export { ENVIRONMENT, type EnvironmentVariable } from './environment/variables.js';
export { FILE_MEMBERS } from './file/file-schema.js';
export { loadConfig } from './load-config.js';
export { INTERNAL_PORT_OFFSET, portsOf } from './ports.js';
export { type ConfigurationText, readConfigurationText } from './read-text.js';
