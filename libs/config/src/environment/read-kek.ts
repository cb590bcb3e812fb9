import { ConfigError } from '../config-error.js';
import { Environment } from './read-environment.js';
import { KEY_FORMAT, keyBytes } from './secret-formats.js';

/** A key-encryption key of the environment, `NAME` or `NAME_FILE`, for tools that are no service. null: not given. */
export function readKek(name: string, env: NodeJS.ProcessEnv): Buffer | null {
  const environment = new Environment(env);
  const given = environment.get(name) ?? environment.get(`${name}_FILE`);
  const bytes = given === undefined ? null : environment.required(name, keyBytes, KEY_FORMAT);
  if (environment.problems.length > 0) throw new ConfigError(environment.problems);
  return bytes;
}
