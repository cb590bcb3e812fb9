import { sessionApi } from '#libs/contracts';
import { until } from '#libs/testing';
import type { RawClient } from '../actors/raw-client.js';
import type { Asked, End, Verdict } from './ends-history.js';
import { QuickSessions, type Stand } from './quick-sessions.js';

/** How many more requests each loop sends after the acknowledgement was read. */
const AFTER = 3;

/**
 * One end after the other, while the gateway asks about the ending session's token as fast as it is answered. An end that was not confirmed is
 * watched until the bound has passed, and every token is asked about once more when all is over and the bound has passed for the last one.
 * `introspectAt`: the instances that are asked, each by a loop of its own.
 */
export async function runEnds(
  world: Stand,
  count: number,
  boundMs: number,
  introspectAt: readonly string[] = [world.url('introspect')],
): Promise<End[]> {
  const sessions = await QuickSessions.of(world);
  const gateways = introspectAt.map((url) => sessions.client('gateway', url));
  const history: (End & { asked: Asked[]; accessToken: string })[] = [];
  let next = sessions.start();
  for (let n = 0; n < count; n++) {
    const session = await next;
    next = n + 1 < count ? sessions.start() : next;
    history.push({ accessToken: session.accessToken, ...(await endUnderLoad(world, gateways, session, boundMs)) });
  }
  const over = history.at(-1)?.acknowledgedAt ?? 0;
  await until(() => performance.now() > over + boundMs, { timeoutMs: boundMs + 5_000, what: 'the bound has passed for the last end' });
  for (const { accessToken, asked } of history) for (const gateway of gateways) asked.push(await ask(gateway, accessToken));
  return history;
}

async function endUnderLoad(
  world: Stand,
  gateways: readonly RawClient[],
  { sid, accessToken }: { sid: string; accessToken: string },
  boundMs: number,
): Promise<End & { asked: Asked[] }> {
  const asked: Asked[] = [];
  let acknowledged: { at: number; confirmed: boolean } | null = null;
  const goesOn = (own: readonly Asked[]) => {
    if (!acknowledged) return true;
    const { at, confirmed } = acknowledged;
    if (!confirmed && performance.now() <= at + boundMs) return true;
    return own.filter(({ sentAt, active }) => sentAt > at && active !== null).length < AFTER;
  };
  const loop = async (gateway: RawClient) => {
    const own: Asked[] = [];
    while (goesOn(own)) {
      const answer = await ask(gateway, accessToken);
      own.push(answer);
      asked.push(answer);
    }
  };
  const loops = Promise.all(gateways.map(loop));
  await until(() => asked.some(({ active }) => active === true), { everyMs: 1, what: `${sid} is seen active` });
  const calledAt = performance.now();
  const { ended, confirmed } = await world.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
  acknowledged = { at: performance.now(), confirmed };
  if (!ended) throw new Error(`${sid} was not active any more`);
  await loops;
  return { sid, calledAt, acknowledgedAt: acknowledged.at, confirmed, asked };
}

async function ask(gateway: RawClient, accessToken: string): Promise<Asked> {
  const sentAt = performance.now();
  const answer = await gateway.introspect(accessToken).catch(() => null);
  return { sentAt, answeredAt: performance.now(), active: answer?.status === 200 ? answer.body.active === true : null };
}

/** A line for docs/reliability.md. */
export function tableLine(verdict: Verdict): string {
  const { ends, asked, askedAfter, withoutVerdict, confirmed, inTime, p50, p99, most, violations } = verdict;
  const share = (n: number) => `${((100 * n) / ends).toFixed(2)} %`;
  const ms = (n: number) => `${n.toFixed(1)} ms`;
  const cells = [ends, asked, askedAfter, withoutVerdict, violations.length, share(confirmed), share(inTime), ms(p50), ms(p99), ms(most)];
  return [
    '| ends | introspections | sent after the acknowledgement | without a verdict | violations | confirmed | within 150 ms | p50 | p99 | most |',
    `| ${cells.join(' | ')} |`,
  ].join('\n');
}
