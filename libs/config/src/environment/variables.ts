import type { ServiceName } from '#libs/contracts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DEFAULT_MAX_LISTENERS = 1_000;

export interface EnvironmentVariable {
  name: string;
  description: string;
  /** As written in the reference; null = required. */
  default: string | null;
  /** May also be given as `NAME_FILE`, the path of a file that holds it. */
  secret: boolean;
  /** The services that read it. */
  services: readonly ServiceName[];
}

const all: readonly ServiceName[] = ['auth', 'token', 'session', 'introspect'];
const STORING: readonly ServiceName[] = ['auth', 'token', 'introspect'];
const plain = (name: string, fallback: string | null, description: string): EnvironmentVariable => ({
  name,
  description,
  default: fallback,
  secret: false,
  services: all,
});
const secret = (name: string, description: string, services = all): EnvironmentVariable => ({
  name,
  description,
  default: null,
  secret: true,
  services,
});

/** Every variable that a service reads; the reference in docs/configuration.md is made from this list. */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  plain('LANYARD_CONFIG', 'no file', 'Path of the configuration file (YAML).'),
  plain(
    'LANYARD_DATA_DIR',
    '.lanyard',
    'Directory for what must survive a restart beside the database: the witness of the event log; with npm start also the database and the keys.',
  ),
  plain('ISSUER', 'http://localhost:<PORT_BASE>', 'The issuer: https, or http on loopback. Over `issuer` of the file.'),
  plain(
    'PORT_BASE',
    '4000',
    'First of the ports: auth, +1 token, +2 session, +3 introspect; +10 to +13 their internal ports; +20 the embedded Postgres.',
  ),
  plain('LANYARD_HOST', '127.0.0.1', 'Address that all ports listen on.'),
  plain(
    'LANYARD_ADVERTISED_HOST',
    'LANYARD_HOST; with 0.0.0.0 or ::, the first address of an interface that is not loopback',
    'Name or address by which the other services reach this very process: its view registers it, and hints of ends are sent there.',
  ),
  plain(
    'LANYARD_INTERNAL_URLS',
    'http://<LANYARD_HOST>:<port>',
    'JSON object: the internal base URL of each service, where it is not on this machine.',
  ),
  plain(
    'LANYARD_PUBLIC_URLS',
    '`public_urls` of the file',
    'JSON object: where clients reach each service, e.g. the issuer for all of them behind one proxy.',
  ),
  plain(
    'LANYARD_TRUSTED_PROXIES',
    'none',
    'Addresses or CIDR ranges, separated by commas, whose X-Forwarded-For and X-Request-Id are believed.',
  ),
  plain(
    'LANYARD_DRAIN_DELAY',
    '0',
    'Seconds from SIGTERM, when /health/ready says 503, until the listeners close: longer than a proxy takes to notice, and nothing is refused.',
  ),
  {
    ...plain(
      'LANYARD_FEED_MAX_LISTENERS',
      String(DEFAULT_MAX_LISTENERS),
      'Resource servers that may listen to /revocations of this process; the next one is answered 503. One client alone may take three quarters of them. 0: no feed.',
    ),
    services: ['introspect'],
  },
  plain('LANYARD_LOG_LEVEL', 'info', `How much is logged: ${LOG_LEVELS.join(', ')}.`),
  plain('LANYARD_INSTANCE_ID', 'a random id', 'Names this process in logs and in the registry of views.'),
  secret('DATABASE_URL', 'postgres:// URL as this service’s own role (lanyard_auth, lanyard_token, lanyard_session, lanyard_introspect).'),
  secret('LOG_DATABASE_URL', 'postgres:// URL of the same database as the role lanyard_log.'),
  {
    ...secret(
      'LANYARD_REDIS_URL',
      'redis:// or rediss:// URL of a Redis from 7.0 on, for counters, once-marks and short-lived objects. One primary; no Redis Cluster; `maxmemory-policy noeviction`.',
      STORING,
    ),
    default: 'none: Postgres serves them',
  },
  {
    ...secret('LANYARD_REDIS_CA', 'PEM certificate of the authority that signed the Redis server’s, with rediss://.', STORING),
    default: 'the system’s',
  },
  plain('LANYARD_EVENT_LOG', 'postgres', 'What carries changes to every process: postgres (the database itself) or kafka.'),
  plain('LANYARD_KAFKA_BROKERS', 'none', 'host:port of brokers, separated by commas; needed with LANYARD_EVENT_LOG=kafka.'),
  plain('LANYARD_KAFKA_CLIENT_ID', 'lanyard', 'The name that brokers see in their logs and quotas.'),
  plain(
    'LANYARD_KAFKA_PARTITIONS',
    '4',
    'Of each topic. The same for all services; may be raised (every process restarted), never lowered. A topic with fewer is refused at start.',
  ),
  plain('LANYARD_KAFKA_REPLICATION', '3', 'Copies of each topic that is created; all but one of them acknowledge a record.'),
  plain('LANYARD_KAFKA_TLS', 'false', 'true: TLS to the brokers.'),
  plain('LANYARD_KAFKA_TLS_CA_FILE', 'the system’s', 'PEM file of the authorities that are believed.'),
  plain('LANYARD_KAFKA_TLS_CERT_FILE', 'none', 'PEM file of our certificate, where brokers ask for one; with LANYARD_KAFKA_TLS_KEY_FILE.'),
  plain('LANYARD_KAFKA_TLS_KEY_FILE', 'none', 'PEM file of its key.'),
  plain('LANYARD_KAFKA_SASL_MECHANISM', 'none', 'plain, scram-sha-256 or scram-sha-512; none: no SASL.'),
  plain('LANYARD_KAFKA_SASL_USERNAME', 'none', 'With LANYARD_KAFKA_SASL_MECHANISM.'),
  { ...secret('LANYARD_KAFKA_SASL_PASSWORD', 'With LANYARD_KAFKA_SASL_MECHANISM.'), default: 'none' },
  secret(
    'LANYARD_PEPPER',
    'At least 32 characters. Keys the hashes that are stored instead of secrets. All services share it; losing it voids every client secret, cookie and code.',
  ),
  secret('LANYARD_KEK', '32 bytes as base64, base64url or hex. Encrypts the signing keys at rest.', ['token']),
  secret('LANYARD_SEALING_KEK', '32 bytes as base64, base64url or hex. Encrypts the sealing keys at rest and on the way.', [
    'auth',
    'token',
    'introspect',
  ]),
  secret('LANYARD_SERVICE_KEY', 'Private Ed25519 JWK of this service; signs its calls to the others.'),
  secret('LANYARD_SERVICE_KEYS', 'JWKS with the public keys of all services; `kid` is the service’s name.'),
];
