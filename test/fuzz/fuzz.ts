import { Agent, request } from 'node:http';
import { Pool } from './pool.js';
import { Random } from './random.js';
import { aRequest, type FuzzRequest } from './request.js';
import { surface, type Target } from './surface.js';
import type { Services } from './world.js';

export interface FuzzOptions {
  readonly seed: number;
  readonly count: number;
  /** Called each thousand requests. */
  readonly every?: (done: number) => Promise<void>;
}

export interface FuzzReport {
  /** What no one declared: 5xx but 503 with Retry-After, and connections cut without an answer. */
  readonly undeclared: string[];
  readonly statuses: Readonly<Record<string, number>>;
  /** How often each route answered something below 400. */
  readonly reached: ReadonlyMap<string, number>;
}

const AT_ONCE = 16;
/** For a route that chance gave no request that is right. */
const MORE = 300;

/**
 * Sends `count` requests, each a function of seed and index, and then more to each route that none of them reached as it should be asked.
 * `LANYARD_FUZZ_SEED=… LANYARD_FUZZ_AT=…` (both are in a failure's line) sends that one of the `count` alone; what was found among the more
 * says so, and comes again with the seed and all of them.
 */
export async function fuzz(services: Services, options: FuzzOptions): Promise<FuzzReport> {
  const [seed, at] = [process.env.LANYARD_FUZZ_SEED, process.env.LANYARD_FUZZ_AT].map((text) => (text ? Number(text) : undefined));
  const base = seed ?? options.seed;
  const report = { undeclared: [] as string[], statuses: {} as Record<string, number>, reached: new Map<string, number>() };
  const pool = new Pool(services);
  const targets = surface();
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const one = async (index: number, of = targets) => {
    const asked = aRequest(new Random(Math.imul(base, 31) + index * 7_919), of, pool);
    const answer = await send(agent, services, asked);
    report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
    if (answer.status > 0 && answer.status < 400 && asked.method === asked.target.method && isAt(asked)) {
      report.reached.set(routeOf(asked.target), (report.reached.get(routeOf(asked.target)) ?? 0) + 1);
    }
    if (endedAll(asked, answer)) pool.tired = true;
    const which = of === targets ? `LANYARD_FUZZ_AT=${index}` : 'and one route alone';
    if (!isDeclared(asked, answer)) report.undeclared.push(`LANYARD_FUZZ_SEED=${base} ${which}: ${told(asked, answer)}`);
  };
  try {
    if (at !== undefined) {
      await pool.renew();
      await one(at);
      return report;
    }
    for (let from = 0; from < options.count; from += 1_000) {
      await pool.renew();
      let next = from;
      const until = Math.min(from + 1_000, options.count);
      const worker = async () => {
        while (next < until && !pool.tired) await one(next++);
      };
      while (next < until) {
        if (pool.tired) await pool.renew();
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
      }
      await options.every?.(until);
    }
    const left = targets.filter((target) => !report.reached.has(routeOf(target)));
    if (left.length > 0) await pool.renew();
    for (const target of left) {
      for (let more = 0; more < MORE && !report.reached.has(routeOf(target)); more++) {
        if (pool.tired) await pool.renew();
        await one(options.count + more, [target]);
      }
    }
  } finally {
    agent.destroy();
  }
  return report;
}

export function routeOf({ service, method, path }: Target): string {
  return `${service} ${method} ${path}`;
}

/** Still where the route is, not somewhere else after a change of its address. */
function isAt({ path, target, internal }: FuzzRequest): boolean {
  const pattern = target.path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return internal === (target.kind === 'internal') && new RegExp(`^${pattern}$`).test(path.split('?')[0] ?? '');
}

/** The operator's own token is refused, or every session is over: nothing that comes would be more than a knock. */
function endedAll({ right, target, body }: FuzzRequest, { status }: Answered): boolean {
  if (right && target.kind === 'admin' && status === 401) return true;
  return target.path === '/admin/sessions/end' && status < 400 && (body?.includes('"all":true') ?? false);
}

interface Answered {
  readonly status: number;
  readonly retryAfter: boolean;
  readonly text: string;
}

function isDeclared({ body }: FuzzRequest, { status, retryAfter }: Answered): boolean {
  // a body that is too large may be cut off while it is being sent
  if (status === 0) return (body?.length ?? 0) > 65_536;
  return status < 500 || (status === 503 && retryAfter);
}

function told({ internal, target, method, path, body }: FuzzRequest, { status, text }: Answered): string {
  const asked = `${target.service}${internal ? ' (internal)' : ''} ${method} ${path.slice(0, 200)} ${body?.toString().slice(0, 300) ?? ''}`;
  return `${asked} -> ${status} ${text.slice(0, 300)}`;
}

function send(agent: Agent, { world }: Services, asked: FuzzRequest): Promise<Answered> {
  const { target, internal, method, body } = asked;
  const { hostname, port } = new URL(internal ? world.internalUrl(target.service) : world.url(target.service));
  // what Node itself would refuse to send is no test of the server
  const path = asked.path.replaceAll(/[^!-~]/gu, (each) => encodeURIComponent(Buffer.from(each).toString()));
  const sendable = Object.entries(asked.headers).map(([name, value]) => [name, value.replaceAll(/[^\t -~\u0080-\u00ff]/g, '?')]);
  const headers = { ...Object.fromEntries(sendable), ...(body ? { 'content-length': String(body.length) } : {}) };
  return new Promise((resolve) => {
    const call = request({ agent, host: hostname, port, method, path, headers, timeout: 20_000 }, (response) => {
      let text = '';
      response.setEncoding('latin1').on('data', (part: string) => {
        if (text.length < 1_000) text += part;
      });
      const done = () => resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] !== undefined, text });
      response.on('end', done).on('error', done);
    });
    call.on('timeout', () => call.destroy(new Error('no answer within 20 s')));
    call.on('error', (error) => resolve({ status: 0, retryAfter: false, text: String(error) }));
    call.end(body ?? undefined);
  });
}
