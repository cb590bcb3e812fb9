import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { isLoopbackHost } from '#libs/protocol';
import { advertisedHost, defaultAdvertisedHost, isWildcard } from './advertised-host.js';
import { parseCatalogue } from './catalogue/parse-catalogue.js';
import type { AuthConfig, BaseConfig, ConfigOf, IntrospectConfig, TokenConfig } from './config.js';
import { ConfigError, SecretNotThere } from './config-error.js';
import { Environment } from './environment/read-environment.js';
import { readKafka } from './environment/read-kafka.js';
import { jsonOf, KEY_FORMAT, keyBytes, pepperBytes, postgresUrl, privateJwk, publicJwks, redisUrl } from './environment/secret-formats.js';
import { DEFAULT_MAX_LISTENERS, LOG_LEVELS, type LogLevel } from './environment/variables.js';
import { type ConfigFile, issuerProblem, isTrustedProxy } from './file/file-schema.js';
import { parseFile } from './file/parse-file.js';
import { SourceFile } from './file/read-file.js';
import { portsOf } from './ports.js';

/** Environment over file. Throws one ConfigError that names everything that is wrong; a SecretNotThere, if that may change by itself. */
export function loadConfig<S extends ServiceName>(app: S, env: NodeJS.ProcessEnv = process.env): ConfigOf<S> {
  const environment = new Environment(env);
  const path = environment.get('LANYARD_CONFIG');
  const source = path ? SourceFile.read(resolve(path)) : null;
  const file = parseFile(source);
  const base = readBase(app, environment, file, source);
  const kek = app === 'token' ? environment.required('LANYARD_KEK', keyBytes, KEY_FORMAT) : null;
  const sealingKek = app === 'session' ? null : environment.required('LANYARD_SEALING_KEK', keyBytes, KEY_FORMAT);
  const maxListeners =
    app === 'introspect' ? environment.parsed('LANYARD_FEED_MAX_LISTENERS', listeners, 'a number from 0 to 100000') : undefined;
  if (environment.mayCome) throw new SecretNotThere(environment.problems, base);
  if (environment.problems.length > 0) throw new ConfigError(environment.problems);
  const catalogue = app === 'auth' && source ? parseCatalogue(source, file, { settings: base.settings, issuer: base.issuer, env }) : null;
  const specific = {
    auth: (): AuthConfig => ({ ...base, sealingKek: present(sealingKek), catalogue }),
    token: (): TokenConfig => ({ ...base, kek: present(kek), sealingKek: present(sealingKek) }),
    session: (): BaseConfig => base,
    introspect: (): IntrospectConfig => ({
      ...base,
      sealingKek: present(sealingKek),
      feed: { maxListeners: maxListeners ?? DEFAULT_MAX_LISTENERS },
    }),
  };
  return specific[app]() as ConfigOf<S>;
}

function readBase(app: ServiceName, environment: Environment, file: ConfigFile, source: SourceFile | null): BaseConfig {
  const portBase = environment.parsed('PORT_BASE', portNumber, 'a port from 1 to 65500') ?? file.port_base ?? 4000;
  const host = environment.get('LANYARD_HOST') ?? file.host ?? '127.0.0.1';
  const issuer =
    environment.parsed('ISSUER', (text) => (issuerProblem(text) ? null : text), 'an https URL (http on loopback only)') ??
    file.issuer ??
    `http://localhost:${portBase}`;
  if (file.settings.allow_private_receivers === true && !isLoopbackHost(new URL(issuer).hostname)) {
    const message = 'expected false or a list of host names: true is for an issuer on loopback only';
    const problem = source?.problem(['settings', 'allow_private_receivers'], message);
    if (problem) environment.problems.push(problem);
  }
  const secrets = readSecrets(environment);
  return {
    ...secrets,
    redis: readRedis(environment),
    kafka: readKafka(environment),
    issuer,
    publicUrls: publicUrls(environment, issuer, portBase, file),
    internalUrls: internalUrls(environment, host, portBase, file),
    host,
    advertisedHost:
      environment.parsed('LANYARD_ADVERTISED_HOST', advertisedHost, 'a host name or an address that others can reach, without a port') ??
      defaultAdvertisedHost(host),
    portBase,
    ports: portsOf(app, portBase),
    trustedProxies:
      environment.parsed('LANYARD_TRUSTED_PROXIES', proxies, 'IP addresses or CIDR ranges separated by commas') ?? file.trusted_proxies,
    drainDelayMs: 1_000 * (environment.parsed('LANYARD_DRAIN_DELAY', drainSeconds, 'seconds from 0 to 300') ?? 0),
    logLevel: environment.parsed('LANYARD_LOG_LEVEL', logLevel, `one of ${LOG_LEVELS.join(', ')}`) ?? file.log_level ?? 'info',
    settings: file.settings,
    dataDir: resolve(environment.get('LANYARD_DATA_DIR') ?? file.data_dir ?? '.lanyard'),
    instanceId: environment.get('LANYARD_INSTANCE_ID') ?? `${app}-${randomUUID()}`,
    configFile: source?.path ?? null,
  };
}

function readSecrets(environment: Environment) {
  const database = (name: string) => environment.required(name, postgresUrl, 'a postgres:// URL') ?? '';
  return {
    databaseUrl: database('DATABASE_URL'),
    logDatabaseUrl: database('LOG_DATABASE_URL'),
    pepper: environment.required('LANYARD_PEPPER', pepperBytes, 'at least 32 characters') ?? Buffer.alloc(0),
    serviceKey: { privateJwk: environment.required('LANYARD_SERVICE_KEY', privateJwk, 'a private Ed25519 JWK') ?? {} },
    serviceKeys: environment.required(
      'LANYARD_SERVICE_KEYS',
      publicJwks,
      'a JWKS with one public Ed25519 key for each service, its name as kid',
    ) ?? { keys: [] },
  };
}

function readRedis(environment: Environment): BaseConfig['redis'] {
  const [url, ca] = [environment.secret('LANYARD_REDIS_URL'), environment.secret('LANYARD_REDIS_CA')];
  if (url === undefined) return null;
  if (redisUrl(url) === null) environment.report('LANYARD_REDIS_URL', 'expected a redis:// or rediss:// URL');
  if (ca !== undefined && !url.startsWith('rediss://')) environment.report('LANYARD_REDIS_CA', 'expected a rediss:// URL beside it');
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) environment.report('LANYARD_REDIS_CA', 'expected a PEM certificate');
  return { url, ca: ca ?? null };
}

/** Default: the issuer is auth; the others are at the issuer's host and our ports. */
function publicUrls(environment: Environment, issuer: string, portBase: number, file: ConfigFile): Record<ServiceName, string> {
  const given = environment.parsed('LANYARD_PUBLIC_URLS', serviceUrls, SERVICE_URLS) ?? file.public_urls;
  const { protocol, hostname } = new URL(issuer);
  const at = (name: ServiceName) => given[name] ?? `${protocol}//${hostname}:${portsOf(name, portBase).public}`;
  return { auth: given.auth ?? issuer, token: at('token'), session: at('session'), introspect: at('introspect') };
}

function internalUrls(environment: Environment, host: string, portBase: number, file: ConfigFile): Record<ServiceName, string> {
  const given = environment.parsed('LANYARD_INTERNAL_URLS', serviceUrls, SERVICE_URLS) ?? file.internal_urls;
  const reachable = isWildcard(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const at = (name: ServiceName) => given[name] ?? `http://${reachable}:${portsOf(name, portBase).internal}`;
  return { auth: at('auth'), token: at('token'), session: at('session'), introspect: at('introspect') };
}

function portNumber(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_500 ? Number(text) : null;
}

function drainSeconds(text: string): number | null {
  return /^\d{1,3}(\.\d{1,3})?$/.test(text) && Number(text) <= 300 ? Number(text) : null;
}

function listeners(text: string): number | null {
  return /^\d{1,6}$/.test(text) && Number(text) <= 100_000 ? Number(text) : null;
}

function logLevel(text: string): LogLevel | null {
  return LOG_LEVELS.find((level) => level === text) ?? null;
}

function proxies(text: string): string[] | null {
  const list = text
    .split(',')
    .map((proxy) => proxy.trim())
    .filter(Boolean);
  return list.every(isTrustedProxy) ? list : null;
}

const SERVICE_URLS = 'a JSON object of service names and http URLs';
const urlsShape = z.partialRecord(
  z.enum(SERVICES),
  z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, '')),
);
function serviceUrls(text: string): Partial<Record<ServiceName, string>> | null {
  const parsed = urlsShape.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : null;
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('a missing secret was not reported');
  return value;
}
