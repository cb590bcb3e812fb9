import { createServer } from 'node:net';
import { portsOf } from '#libs/config';
import { SERVICES } from '#libs/contracts';
import { LauncherError } from './launcher-error.js';
import type { Plan } from './preview.js';

/** Tried before anything starts, so that the one sentence about a taken port does not drown in a service's log. */
export async function checkPorts(plan: Plan): Promise<void> {
  const { host, portBase } = plan.config;
  const wanted: [string, number, string][] = SERVICES.flatMap((name): [string, number, string][] => {
    const ports = portsOf(name, portBase);
    return [
      [`the ${name} service`, ports.public, host],
      [`the ${name} service's internal calls`, ports.internal, host],
    ];
  });
  if (!plan.adminUrl) wanted.push(['the embedded Postgres', plan.postgresPort, '127.0.0.1']);
  for (const [what, port, address] of wanted) {
    const problem = await tryToListen(port, address);
    if (!problem) continue;
    const other = portBase + 100 > 65_000 ? 4_000 : portBase + 100;
    throw new LauncherError(
      `Port ${port} on ${address}, meant for ${what}, ${problem}. Free it, or choose other ports: PORT_BASE=${other} npm start (now ${portBase}).`,
    );
  }
}

function tryToListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'EADDRINUSE' ? 'is taken by another program' : `can't be used (${code ?? 'error'})`);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
