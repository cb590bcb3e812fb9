import { resolve } from 'node:path';
import type { Catalogue } from './catalogue/catalogue.js';
import { parseCatalogue } from './catalogue/parse-catalogue.js';
import type { AuthConfig } from './config.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { ENVIRONMENT } from './environment/variables.js';
import type { ConfigFile } from './file/file-schema.js';
import { parseFile } from './file/parse-file.js';
import { SourceFile } from './file/read-file.js';

type Running = Pick<
  AuthConfig,
  'settings' | 'issuer' | 'publicUrls' | 'internalUrls' | 'host' | 'portBase' | 'logLevel' | 'dataDir' | 'trustedProxies'
>;

export interface ConfigurationText {
  /** null: there are problems, and nothing may be done with it. */
  readonly catalogue: Catalogue | null;
  readonly problems: readonly ConfigProblem[];
  /** Members that say something else than what runs, and that only a start reads. */
  readonly restart: readonly string[];
}

/**
 * The text of a configuration file, sent to a running service: judged as at a start, except that clients are held to the settings that run, because
 * it is under those that they will live until a restart.
 */
export function readConfigurationText(name: string, text: string, running: Running, env: NodeJS.ProcessEnv): ConfigurationText {
  const { settings, issuer } = running;
  let restart: string[] = [];
  try {
    const source = SourceFile.parse(name, text);
    const file = parseFile(source);
    restart = restartMembers(file, running);
    return { catalogue: parseCatalogue(source, file, { settings, issuer, env: withoutOwn(env) }), problems: [], restart };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { catalogue: null, problems: error.problems, restart };
  }
}

/** Whoever sends a text must not be able to make this service's own keys somebody's secret, and then to ask whether that changed anything. */
function withoutOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = new Set(ENVIRONMENT.flatMap(({ name }) => [name, `${name}_FILE`]));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.has(name)));
}

function restartMembers(file: ConfigFile, running: Running): string[] {
  const settings = Object.entries(file.settings)
    .filter(([name, value]) => differs(value, running.settings[name as keyof Running['settings']]))
    .map(([name]) => `settings.${name}`);
  const urls = (['public_urls', 'internal_urls'] as const).flatMap((member) => {
    const now = member === 'public_urls' ? running.publicUrls : running.internalUrls;
    return Object.entries(file[member])
      .filter(([service, url]) => differs(url, now[service as keyof typeof now]))
      .map(([service]) => `${member}.${service}`);
  });
  const plain = Object.entries({
    issuer: [file.issuer, running.issuer],
    host: [file.host, running.host],
    port_base: [file.port_base, running.portBase],
    log_level: [file.log_level, running.logLevel],
    data_dir: [file.data_dir === undefined ? undefined : resolve(file.data_dir), running.dataDir],
    trusted_proxies: [file.trusted_proxies.length > 0 ? file.trusted_proxies : undefined, running.trustedProxies],
  })
    .filter(([, [said, now]]) => differs(said, now))
    .map(([name]) => name);
  return [...plain, ...urls, ...settings];
}

/** What the text does not say is no difference: the environment may say it. */
function differs(said: unknown, now: unknown): boolean {
  return said !== undefined && JSON.stringify(said) !== JSON.stringify(now);
}
