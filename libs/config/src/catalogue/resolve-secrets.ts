/** `${NAME}` as the whole value. */
const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

type Report = (path: PropertyKey[], message: string) => void;

/**
 * Secrets need not stand in the file: a client_secret or password written as `${NAME}` is taken from that environment variable.
 * Nothing else of the file is ever substituted.
 */
export function resolveSecrets(file: { clients: unknown[]; users: unknown[] }, env: NodeJS.ProcessEnv, report: Report): void {
  for (const [index, client] of file.clients.entries()) resolve(client, 'client_secret', ['clients', index], env, report);
  for (const [index, user] of file.users.entries()) resolve(user, 'password', ['users', index], env, report);
}

function resolve(entry: unknown, member: string, path: PropertyKey[], env: NodeJS.ProcessEnv, report: Report): void {
  if (typeof entry !== 'object' || entry === null) return;
  const holder = entry as Record<string, unknown>;
  const one = (value: unknown): unknown => {
    const name = typeof value === 'string' ? REFERENCE.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    const found = env[name];
    if (!found) report([...path, member], `expected the environment variable ${name} to be set`);
    return found ?? value;
  };
  const written = holder[member];
  if (written !== undefined) holder[member] = Array.isArray(written) ? written.map(one) : one(written);
}
