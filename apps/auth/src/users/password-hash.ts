import { hash, verify } from '@node-rs/argon2';

/** OWASP's minimum for argon2id; argon2id is the package's default algorithm, which a test pins. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$';

/** Longer input is a way to make us work, not a password. */
const MAX_LENGTH = 1_024;

export function hashPassword(password: string): Promise<string> {
  return hash(normal(password), PARAMETERS);
}

/** False for what could never have been set, after the same work: the caller's time must not tell. */
export async function verifyHash(passwordHash: string, password: string): Promise<boolean> {
  const possible = password.length > 0 && password.length <= MAX_LENGTH;
  const matches = await verify(passwordHash, possible ? normal(password) : 'x');
  return matches && possible;
}

export function needsRehash(passwordHash: string): boolean {
  return !passwordHash.startsWith(CURRENT);
}

/** NIST SP 800-63B §3.1.1.2: the same characters from another keyboard are the same password. */
function normal(password: string): string {
  return password.normalize('NFKC');
}
