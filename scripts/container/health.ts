import { portsOf } from '#libs/config';
import { SERVICES } from '#libs/contracts';

const TIMEOUT_MS = 2_000;

/**
 * Asks the service in this container: the one of the four internal ports that answers. Addresses come from the environment alone, so that it takes no secret
 * and no file to ask. Answers with the exit code: 0 healthy, 1 not.
 */
export async function health(kind: string, env: NodeJS.ProcessEnv): Promise<number> {
  const host = env.LANYARD_HOST?.trim() || '127.0.0.1';
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const portBase = Number(env.PORT_BASE?.trim() || 4_000);
  const asked = SERVICES.map(async (service) => {
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${portsOf(service, portBase).internal}/health/${kind}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { ok: response.ok, said: await response.text() };
  });
  const answer = await Promise.any(asked).catch(() => ({ ok: false, said: `no service answers at ${address}` }));
  console.log(answer.said);
  return answer.ok ? 0 : 1;
}
