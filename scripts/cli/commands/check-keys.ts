import { FIRST_LINES, type KeyPurpose } from '../../../apps/token/src/keys/key-line.js';
import { ACTIVE_MS } from '../../../apps/token/src/keys/rotation-policy.js';
import type { Context } from '../command.js';
import { days, type Finding } from '../finding.js';

interface Key {
  kid: string;
  line: string;
  purpose: KeyPurpose;
  state: 'pending' | 'active' | 'retiring' | 'retired' | 'revoked';
  created_at: number;
  activates_at: number;
}

const LINES = FIRST_LINES.map(({ line }) => line);
/** How much longer than that a key may be used before somebody should ask why it still is. */
const LATE_MS = 43_200_000;

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
  const used = ACTIVE_MS[active.purpose];
  const next = pending?.[0] ? pending[0].activates_at : active.activates_at + used;
  const facts = [
    `in use for ${days(Math.max(0, age))}`,
    `next in ${days(Math.max(0, next - now))}${pending?.length ? ' (made)' : ''}`,
    `${retiring?.length ?? 0} retiring`,
  ];
  if (age > used + LATE_MS) return { ok: false, said: `not rotated, though due ${days(age - used)} ago; ${facts[0]}` };
  return { ok: true, said: facts.join(', ') };
}
