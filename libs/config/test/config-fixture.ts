import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES } from '#libs/contracts';
import { ConfigError, loadConfig } from '../src/index.js';

export const folder = mkdtempSync(join(tmpdir(), 'lanyard-config-'));
export const removeFolder = () => rmSync(folder, { recursive: true, force: true });

const keys = SERVICES.map((kid) => ({ kid, ...generateKeyPairSync('ed25519') }));
export const SECRETS = {
  DATABASE_URL: 'postgres://lanyard_auth:pw@127.0.0.1:5432/lanyard',
  LOG_DATABASE_URL: 'postgres://lanyard_log:pw@127.0.0.1:5432/lanyard',
  LANYARD_PEPPER: 'p'.repeat(40),
  LANYARD_KEK: Buffer.alloc(32, 1).toString('base64'),
  LANYARD_SEALING_KEK: Buffer.alloc(32, 2).toString('hex'),
  LANYARD_SERVICE_KEY: JSON.stringify(keys[0]?.privateKey.export({ format: 'jwk' })),
  LANYARD_SERVICE_KEYS: JSON.stringify({ keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid })) }),
};

/** Loads auth's configuration from a file with this text. */
export function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  const path = join(folder, 'lanyard.yaml');
  writeFileSync(path, yaml);
  return loadConfig('auth', { ...SECRETS, LANYARD_CONFIG: path, ...env });
}

/** What it says is wrong, a line each. */
export function complaints(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}
