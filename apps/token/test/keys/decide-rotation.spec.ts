import fc from 'fast-check';
import { providerSettings } from '#libs/protocol';
import { decideRotation, type KeyLife, type RotationStep } from '../../src/keys/decide-rotation.js';
import { KEY_PURPOSES } from '../../src/keys/key-line.js';
import { rotationPolicies } from '../../src/keys/rotation-policy.js';

const settings = providerSettings.parse({});
const policies = rotationPolicies(settings);
type Row = KeyLife & { createdAt: number };

/** The rows after the steps; what the store does, without a database. */
function apply(keys: Row[], steps: RotationStep[], now: number, made: () => string): Row[] {
  let rows = keys;
  for (const step of steps) {
    if (step.do === 'create')
      rows = [...rows, { kid: made(), state: step.state, activatesAt: step.activatesAt, removeAfter: null, createdAt: now }];
    else {
      const change: Partial<Row> =
        step.do === 'activate'
          ? { state: 'active', activatesAt: now }
          : step.do === 'replace'
            ? { state: 'retiring', removeAfter: step.removeAfter }
            : { state: 'retired' };
      rows = rows.map((key) => (key.kid === step.kid ? { ...key, ...change } : key));
    }
  }
  return rows;
}

describe.each(KEY_PURPOSES)('%s keys, looked at whenever time allows', (purpose) => {
  const policy = policies[purpose];
  const span = fc.oneof(fc.nat(policy.pendingMs), fc.nat(policy.activeMs), fc.nat(policy.activeMs * 5));

  it('there is one active key always; a later one was pending its whole time first; a replaced one stays its whole time', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 200 }), (pauses) => {
        let [now, count, rows] = [1_760_000_000_000, 0, [] as Row[]];
        for (const pause of pauses) {
          const before = rows;
          rows = apply(rows, decideRotation(rows, now, policy), now, () => `k${++count}`);
          expect(rows.filter(({ state }) => state === 'active')).toHaveLength(1);
          expect(rows.filter(({ state }) => state === 'pending').length).toBeLessThanOrEqual(1);
          for (const key of rows) {
            const old = before.find(({ kid }) => kid === key.kid);
            if (key.state === 'active' && old?.state === 'pending') expect(now - key.createdAt).toBeGreaterThanOrEqual(policy.pendingMs);
            if (key.state === 'retiring' && old?.state === 'active')
              expect(key.removeAfter).toBe(policy.retiringMs === null ? null : now + policy.retiringMs);
            if (key.state === 'retired' && old?.state === 'retiring') expect(now).toBeGreaterThanOrEqual(old.removeAfter as number);
          }
          now += pause;
        }
      }),
    );
  });

  it('clocks that jump back make nothing earlier, nothing twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -policy.activeMs, max: policy.activeMs }), { maxLength: 100 }), (jumps) => {
        let [now, count, rows] = [1_760_000_000_000, 0, [] as Row[]];
        for (const jump of jumps) {
          rows = apply(rows, decideRotation(rows, now, policy), now, () => `k${++count}`);
          expect(rows.filter(({ state }) => state === 'active')).toHaveLength(1);
          expect(decideRotation(rows, now, policy).some((step) => step.do === 'create' && step.state === 'active')).toBe(false);
          now += jump;
        }
      }),
    );
  });
});

describe('the times that others count on', () => {
  it('a signing key is in the JWKS for two max-ages before it signs (SECURITY, Keys)', () => {
    expect(policies.signing.pendingMs).toBeGreaterThanOrEqual(2 * 300_000);
  });

  it('a signing key verifies longer than any token or logout hint lives', () => {
    for (const name of ['max_access_token_ttl', 'id_token_ttl', 'session_max', 'remember_max'] as const) {
      const long = rotationPolicies({ ...settings, [name]: 400 * 86_400 });
      expect(long.signing.retiringMs).toBeGreaterThan(400 * 86_400_000);
    }
  });

  it('a sealing key rotates daily and stays for horizon + 10 minutes (DESIGN, Tokens)', () => {
    expect(policies.sealing.activeMs).toBe(86_400_000);
    expect(policies.sealing.retiringMs).toBe((settings.max_access_token_ttl + 600 + 600) * 1_000);
  });

  it('a refresh MAC key is never removed: offline grants have no end', () => expect(policies.refresh_mac.retiringMs).toBeNull());
});
