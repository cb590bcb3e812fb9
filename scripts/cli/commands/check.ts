import { positive } from '../answers.js';
import { type Command, type Context, command } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';
import type { Finding } from '../finding.js';
import { table } from '../output.js';
import { checkKeys } from './check-keys.js';
import { CLOCK_LIMIT_S, checkProcesses } from './check-processes.js';

interface Health {
  status: string;
  reasons: { name: string; ok: boolean; reason: string | null }[];
}

const TIMEOUT_MS = 5_000;
const MIN_FREE_MIB = '512';

/** The doctor: each service's own verdict with its reasons, each process's figures, what is dead and waits for somebody, the keys. One sentence each. */
export const CHECK_COMMANDS: readonly Command[] = [
  command({
    name: 'check',
    summary: 'Looks at every process (tickets, outbox, clock, disk), dead letters and keys, and says what is wrong; --min-free in MiB.',
    options: { 'min-free': { type: 'string', default: MIN_FREE_MIB } },
    async run(context, { values }) {
      const { terminal } = context;
      const minFree = positive('min-free', values['min-free']);
      const health = await services(context);
      // Those that ask with a token: without it, or with nobody to answer, the rest is still worth reading.
      const asked = [() => checkProcesses(context, minFree), () => waiting(context), () => checkKeys(context)];
      const more = await Promise.all(asked.map((ask) => ask().catch((error: unknown) => unanswered(error))));
      const findings = [...health, ...more.flat()];
      const wrong = findings.filter(({ ok }) => !ok);
      terminal.print(terminal.json ? JSON.stringify(findings, null, 2) : table(findings, ['ok', 'service', 'what', 'said']));
      if (!terminal.json) terminal.print(wrong.length === 0 ? '\nNothing is wrong.' : `\n${wrong.length} to look at.`);
      return wrong.length === 0 ? EXIT.done : EXIT.findings;
    },
  }),
];

async function services({ admin }: Context): Promise<Finding[]> {
  const { lanyard_admin_endpoints: endpoints, introspection_endpoint: introspection } = await admin.discover();
  const all = { ...endpoints, introspect: new URL(introspection).origin };
  const looked = Object.entries(all).map(([service, base]) => health(service, base));
  return (await Promise.all(looked)).flat();
}

async function health(service: string, base: string): Promise<Finding[]> {
  try {
    const response = await fetch(`${base}/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { reasons } = (await response.json()) as Health;
    return [...reasons.map(({ name, ok, reason }) => ({ service, what: name, ok, said: reason ?? 'in order' })), clock(service, response)];
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return [{ service, what: 'health', ok: false, said: `${base} can't be asked: ${said}` }];
  }
}

function clock(service: string, response: Response): Finding {
  const offset = Date.parse(response.headers.get('date') ?? '') - Date.now();
  const ok = Math.abs(offset) <= CLOCK_LIMIT_S * 1_000;
  return {
    service,
    what: 'clock',
    ok,
    said: `${ok ? 'within' : 'beyond'} ${CLOCK_LIMIT_S} s of this machine (${Math.round(offset / 1_000)} s)`,
  };
}

async function waiting({ admin }: Context): Promise<Finding[]> {
  const count = async (service: 'session' | 'token', path: string, query: Record<string, unknown>) =>
    (await admin.call<{ items: unknown[] }>(service, 'GET', path, { query: { ...query, limit: 200 } })).items.length;
  const [deliveries, session, token] = await Promise.all([
    count('session', '/admin/deliveries', { state: 'dead' }),
    count('session', '/admin/sessions/dead-letters', { open: true }),
    count('token', '/admin/token/dead-letters', { open: true }),
  ]);
  return [
    dead('session', 'logout tokens', deliveries, 'lanyard deliveries list --state dead'),
    dead('session', 'events', session, 'lanyard dead-letters session --open'),
    dead('token', 'events', token, 'lanyard dead-letters token --open'),
  ];
}

function dead(service: string, what: string, count: number, where: string): Finding {
  return {
    service,
    what: `dead ${what}`,
    ok: count === 0,
    said: count === 0 ? 'none' : `${count === 200 ? '200 or more' : count}: ${where}`,
  };
}

function unanswered(error: unknown): Finding[] {
  if (!(error instanceof CliError) || error.exitCode !== EXIT.unavailable) throw error;
  return [{ service: 'admin', what: 'API', ok: false, said: error.message }];
}
