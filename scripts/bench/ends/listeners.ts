/**
 * Resource servers in a process of their own, each with its copy of the view (libs/resource-server). Told by its parent: `{ accept: token }` asks all
 * of them about it, `{ watch: true }` asks again and again until each has refused it. Times are the machine's monotonic clock, which all processes share.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { BearerError, createResourceServer, type ResourceServer } from '#libs/resource-server';
import { OPAQUE_API, RESOURCE_SERVER, secretOf } from '../stage/bench-config.js';

export type Told = { accept: string } | { watch: true };
export type Said = { listening: number } | { accepted: true } | { refusedAt: number[] } | { failed: string };

const LOOK_EVERY_MS = 1;
const AGAIN_MS = 20;
const WATCHED_FOR_MS = 20_000;
const [issuer = '', count = '0'] = process.argv.slice(2);
const servers: ResourceServer[] = [];
let header = '';

const say = (said: Said) => process.send?.(said);
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

async function listen(): Promise<void> {
  const credentials = { clientId: RESOURCE_SERVER, clientSecret: secretOf(RESOURCE_SERVER) };
  for (let n = 0; n < Number(count); n++) servers.push(await createResourceServer({ issuer, audience: OPAQUE_API, credentials }));
  while (servers.some((server) => !server.copy.freshness().fresh)) await delay(50);
  say({ listening: servers.length });
}

/** Until every one of them has it, judged by its own copy. On a busy machine an answer may come too late to be believed: then it is asked again. */
async function accept(token: string): Promise<void> {
  header = `Bearer ${token}`;
  const over = nowMs() + WATCHED_FOR_MS;
  const accepts = async (server: ResourceServer) => {
    while (await refuses(server, 503)) {
      if (nowMs() > over) throw new Error(`a token was not accepted within ${WATCHED_FOR_MS} ms`);
      await delay(AGAIN_MS);
    }
  };
  await Promise.all(servers.map(accepts));
  say({ accepted: true });
}

/** 503 is no refusal of the token; it is told apart, and asked again. */
async function watch(): Promise<void> {
  const refusedAt: number[] = [];
  const over = nowMs() + WATCHED_FOR_MS;
  for (let waiting = servers; waiting.length > 0; ) {
    const verdicts = await Promise.all(waiting.map((server) => refuses(server, 401)));
    const at = nowMs();
    for (const refused of verdicts) if (refused) refusedAt.push(at);
    waiting = waiting.filter((_, n) => !verdicts[n]);
    if (at > over) throw new Error(`${waiting.length} of ${servers.length} did not refuse within ${WATCHED_FOR_MS} ms`);
    if (waiting.length > 0) await delay(LOOK_EVERY_MS);
  }
  say({ refusedAt });
}

/** With this status; it throws if there is none and the token is refused for good. */
function refuses(server: ResourceServer, status: 401 | 503): Promise<boolean> {
  return server.verify(header).then(
    () => false,
    (error: unknown) => {
      if (error instanceof BearerError && (status === 401 || error.status === 503)) return error.status === status;
      throw error;
    },
  );
}

const failed = (error: unknown) => say({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
process.on('message', (told: Told) => ('accept' in told ? accept(told.accept) : watch()).catch(failed));
process.on('disconnect', () => process.exit(0));
listen().catch(failed);
