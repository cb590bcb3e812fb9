import type { JsonWebKey } from 'node:crypto';
import type { ServiceName } from '#libs/contracts';
import type { ProviderSettings } from '#libs/protocol';
import type { Catalogue } from './catalogue/catalogue.js';
import type { LogLevel } from './environment/variables.js';

export interface ServicePorts {
  readonly public: number;
  readonly internal: number;
}

export type KafkaSaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

/** Kafka as the event log. Paths of files for TLS; the password may have come from a file. */
export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly partitions: number;
  readonly replication: number;
  readonly tls:
    | { readonly caFile?: string | undefined; readonly certFile?: string | undefined; readonly keyFile?: string | undefined }
    | undefined;
  readonly sasl: { readonly mechanism: KafkaSaslMechanism; readonly username: string; readonly password: string } | undefined;
}

/** What every service is told. URLs have no trailing slash; `issuer` is byte for byte what was written (RFC 9207 §2). */
export interface BaseConfig {
  readonly issuer: string;
  /** Where clients reach each service; endpoint URLs come from here and never from a Host header. */
  readonly publicUrls: Readonly<Record<ServiceName, string>>;
  readonly internalUrls: Readonly<Record<ServiceName, string>>;
  readonly host: string;
  /** By which the other services reach this very process; never 0.0.0.0 or ::. */
  readonly advertisedHost: string;
  readonly ports: ServicePorts;
  readonly portBase: number;
  /** Addresses and CIDR ranges whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  /** How long the listeners stay open after /health/ready has begun to say that this process leaves. */
  readonly drainDelayMs: number;
  readonly logLevel: LogLevel;
  readonly settings: ProviderSettings;
  /** As this service's own role. */
  readonly databaseUrl: string;
  /** As lanyard_log, which reads outboxes and takes tickets. */
  readonly logDatabaseUrl: string;
  /** null: Postgres serves what Redis would. */
  readonly redis: { readonly url: string; readonly ca: string | null } | null;
  /** Null: the database is the event log. */
  readonly kafka: KafkaConfig | null;
  readonly pepper: Buffer;
  readonly serviceKey: { readonly privateJwk: JsonWebKey };
  /** Public keys of all services; `kid` = service name. */
  readonly serviceKeys: { readonly keys: readonly (JsonWebKey & { kid?: string })[] };
  readonly dataDir: string;
  readonly instanceId: string;
  /** The file's path, for messages; null = none was given. */
  readonly configFile: string | null;
}

export interface AuthConfig extends BaseConfig {
  readonly sealingKek: Buffer;
  /** What the file declares, checked; null = no file, nothing is imported and nothing is disabled. */
  readonly catalogue: Catalogue | null;
}

export interface TokenConfig extends BaseConfig {
  readonly kek: Buffer;
  readonly sealingKek: Buffer;
}

export type SessionConfig = BaseConfig;

export interface IntrospectConfig extends BaseConfig {
  readonly sealingKek: Buffer;
  readonly feed: { readonly maxListeners: number };
}

interface Configs {
  auth: AuthConfig;
  token: TokenConfig;
  session: SessionConfig;
  introspect: IntrospectConfig;
}
export type ConfigOf<S extends ServiceName> = Configs[S];
