import { readFileSync } from 'node:fs';
import type { Credentials } from './admin-client.js';
import { CliError, EXIT } from './exit-codes.js';

/** Who the command line is, from the environment. The secret is never an argument. */
export function credentialsFrom(env: NodeJS.ProcessEnv): Credentials {
  const clientId = env.LANYARD_CLIENT_ID;
  const clientSecret = env.LANYARD_CLIENT_SECRET ?? secretIn(env.LANYARD_CLIENT_SECRET_FILE);
  if (!clientId || !clientSecret) {
    throw new CliError(
      EXIT.usage,
      'Set LANYARD_CLIENT_ID and LANYARD_CLIENT_SECRET (or LANYARD_CLIENT_SECRET_FILE) to a client with client_credentials and lanyard:* scopes.',
    );
  }
  return { issuer: env.LANYARD_ISSUER ?? 'http://localhost:4000', clientId, clientSecret };
}

function secretIn(file: string | undefined): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CliError(EXIT.usage, `LANYARD_CLIENT_SECRET_FILE can't be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
