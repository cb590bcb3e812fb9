import type { Context } from '../command.js';
import { days, type Finding } from '../finding.js';

interface Key {
  kid: string;
  line: string;
  purpose: string;
  state: 'pending' | 'active' | 'retiring' | 'retired' | 'revoked';
  created_at: number;
  activates_at: number;
}

const LINES = ['signing:RS256', 'signing:ES256', 'sealing', 'refresh_mac'];
const DAY = 86_400_000;
/** How long a key is used (rotation-policy.ts), and how much longer before somebody should ask why it still is. */
const USED_MS: Readonly<Record<string, number>> = { signing: 90 * DAY, sealing: DAY, refresh_mac: 180 * DAY };
const LATE_MS = DAY / 2;

export async function checkKeys({ admin }: Context): Promise<Finding[]> {
  const keys: Key[] = [];
  for await (const key of admin.all<Key>('token', '/admin/keys')) if (key.state !== 'retired' && key.state !== 'revoked') keys.push(key);
  const lines = [...new Set([...LINES, ...keys.map(({ line }) => line)])];
  return lines.map((line) => ({
    service: 'token',
    what: `key ${line}`,
    ...judge(
      keys.filter((key) => key.line === line),
      Date.now(),
    ),
  }));
}

function judge(keys: readonly Key[], now: number): Pick<Finding, 'ok' | 'said'> {
  const active = keys.find(({ state }) => state === 'active');
  if (!active) return { ok: false, said: 'no active key: nothing can be made under this line' };
  const [pending, retiring] = (['pending', 'retiring'] as const).map((wanted) => keys.filter(({ state }) => state === wanted));
  const age = now - active.activates_at;
  const used = USED_MS[active.purpose] ?? Number.POSITIVE_INFINITY;
  const next = pending?.[0] ? pending[0].activates_at : active.activates_at + used;
  const facts = [
    `in use for ${days(Math.max(0, age))}`,
    `next in ${days(Math.max(0, next - now))}${pending?.length ? ' (made)' : ''}`,
    `${retiring?.length ?? 0} retiring`,
  ];
  if (age > used + LATE_MS) return { ok: false, said: `not rotated, though due ${days(age - used)} ago; ${facts[0]}` };
  return { ok: true, said: facts.join(', ') };
}
