import { type Command, type Context, command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { type Row, table } from '../output.js';

interface Health {
  status: string;
  reasons: { name: string; ok: boolean; reason: string | null }[];
}

interface Finding extends Row {
  service: string;
  what: string;
  ok: boolean;
  said: string;
}

const TIMEOUT_MS = 5_000;
/** What this machine's clock may differ by before certificates, cookies and people are surprised. Nothing of ours is judged by it. */
const CLOCK_LIMIT_MS = 30_000;

/** The doctor: each service's own verdict with its reasons, what is dead and waits for somebody, the keys, the clock. One sentence each. */
export const CHECK_COMMANDS: readonly Command[] = [
  command({
    name: 'check',
    summary: 'Looks at every service, dead letters, keys and clocks, and says what is wrong.',
    async run(context) {
      const { terminal } = context;
      const findings = [...(await services(context)), ...(await waiting(context)), ...(await keys(context))];
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
  const ok = Math.abs(offset) <= CLOCK_LIMIT_MS;
  return {
    service,
    what: 'clock',
    ok,
    said: `${ok ? 'within' : 'beyond'} ${CLOCK_LIMIT_MS / 1_000} s of this machine (${Math.round(offset / 1_000)} s)`,
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

async function keys({ admin }: Context): Promise<Finding[]> {
  const active: { line: string }[] = [];
  for await (const key of admin.all<{ line: string }>('token', '/admin/keys', { state: 'active' })) active.push(key);
  const lines = active.map(({ line }) => line);
  return ['signing:RS256', 'signing:ES256', 'sealing', 'refresh_mac'].map((line) => {
    const ok = lines.includes(line);
    return { service: 'token', what: `key ${line}`, ok, said: ok ? 'active' : 'no active key' };
  });
}
