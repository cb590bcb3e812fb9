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
const AT_ONCE = 8;
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
    for (let why = await refusal(server); why !== null; why = await refusal(server)) {
      if (why.status !== 503 || nowMs() > over) throw new Error(`a token was not accepted within ${WATCHED_FOR_MS} ms: ${why.message}`);
      await delay(AGAIN_MS);
    }
  };
  // a few at a time: two hundred at once in one process hold each other up, and an answer is believed for 100 ms
  const left = [...servers];
  const some = async () => {
    for (let server = left.pop(); server; server = left.pop()) await accepts(server);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  say({ accepted: true });
}

/**
 * Who refuses says so by verify(), and 503 is no refusal of the token. It is asked at first, and again when its copy has become another, since only that can
 * make it refuse: to ask two hundred all the time takes a third of a core, which is not there for what is measured.
 */
async function watch(): Promise<void> {
  const refusedAt: number[] = [];
  const over = nowMs() + WATCHED_FOR_MS;
  const seen = new Map<ResourceServer, number>();
  const waiting = new Set(servers);
  while (waiting.size > 0) {
    for (const server of waiting) {
      const { size } = server.copy;
      if (size === seen.get(server)) continue;
      const why = await refusal(server);
      if (why === null) seen.set(server, size);
      if (why?.status !== 401) continue;
      refusedAt.push(nowMs());
      waiting.delete(server);
    }
    if (nowMs() > over) throw new Error(`${waiting.size} of ${servers.length} did not refuse within ${WATCHED_FOR_MS} ms`);
    if (waiting.size > 0) await delay(LOOK_EVERY_MS);
  }
  say({ refusedAt });
}

/** null: accepted. */
function refusal(server: ResourceServer): Promise<BearerError | null> {
  return server.verify(header).then(
    () => null,
    (error: unknown) => {
      if (error instanceof BearerError) return error;
      throw error;
    },
  );
}

const failed = (error: unknown) => say({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
process.on('message', (told: Told) => ('accept' in told ? accept(told.accept) : watch()).catch(failed));
process.on('disconnect', () => process.exit(0));
listen().catch(failed);
