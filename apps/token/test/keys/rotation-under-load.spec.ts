import type { Database } from '#libs/database';
import { Kek, KeySet, signJwt, verifyJwt } from '#libs/keys';
import { openAccessToken, SealingKeyring, sealAccessToken, unwrapSealingKeys } from '#libs/sealing';
import { createTestDatabase, type TestDatabase, TimeMachine } from '#libs/testing';
import { keyStore } from '../../src/keys/key.store.js';
import { REFRESH_MAC_LINE, SEALING_LINE, signingLine } from '../../src/keys/key-line.js';
import { NO_KEYS, type OpenKeys, openKeys } from '../../src/keys/open-keys.js';
import { rotateKeys } from '../../src/keys/rotate-keys.js';
import type { RotationPolicies } from '../../src/keys/rotation-policy.js';
import { openKeysDatabase, SECRETS } from './key-fixture.js';

const STEP_MS = 300_000;
const TOKEN_MS = 3_600_000;
/** An hour instead of a day or a quarter, the other times as in production. */
const brief = { pendingMs: 600_000, activeMs: TOKEN_MS, retiringMs: TOKEN_MS + 600_000 };
const policies: RotationPolicies = { signing: brief, sealing: brief, refresh_mac: brief };
const keks = { kek: Kek.local(SECRETS.kek, 'LANYARD_KEK'), sealingKek: Kek.local(SECRETS.sealingKek, 'LANYARD_SEALING_KEK') };

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openKeysDatabase(database);
  for (const line of [signingLine('ES256'), SEALING_LINE, REFRESH_MAC_LINE]) await keyStore.ensureLine(db, line);
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

interface Issued {
  readonly jwt: string;
  readonly opaque: string;
  readonly expires: number;
}

function issue(keys: OpenKeys, n: number, now: number): Issued {
  const [signing, sealing] = [keys.signing.get('ES256'), keys.sealing.active()];
  if (!signing || !sealing) throw new Error('a signer without keys');
  const claims = {
    iss: 'i',
    sub: 's',
    aud: 'a',
    client_id: 'c',
    scope: '',
    iat: n,
    exp: n + 1,
    jti: `j${n}`,
    gen: [0, 0] as [number, number],
  };
  return { jwt: signJwt(signing, { typ: 'at+jwt' }, claims), opaque: sealAccessToken(claims, sealing), expires: now + TOKEN_MS };
}

it('100 rotations, two instances rotating at once, one of them and every holder a step behind: no token ever fails (RELIABILITY, race 18)', async () => {
  const time = new TimeMachine(database);
  const read = async () => openKeys(await keyStore.live(db), keks);
  const signers = [NO_KEYS, NO_KEYS];
  const seen = new Set<string>();
  // what a holder has fetched: used for a whole max-age, never fetched again for an unknown kid
  let holder = { jwks: new KeySet({ keys: [] }), ring: SealingKeyring.EMPTY };
  let issued: Issued[] = [];
  let failures = 0;
  for (let step = 0; seen.size <= 100; step++) {
    await Promise.all([rotateKeys(db, policies, keks), rotateKeys(db, policies, keks)]);
    const now = await time.now();
    const present = await read();
    if (step === 0) holder = { jwks: present.keySet, ring: present.sealing };
    signers[0] = present;
    if (step % 2 === 0) signers[1] = present;
    for (const signer of signers) {
      const token = issue(signer, step, now);
      seen.add(signer.signing.get('ES256')?.kid ?? '');
      issued.push(token);
    }
    issued = issued.filter(({ expires }) => expires > now);
    for (const { jwt, opaque } of issued) {
      if (!verifyJwt(jwt, { keys: holder.jwks, algs: ['ES256'], typ: 'at+jwt' })) failures++;
      if (!openAccessToken(opaque, holder.ring)) failures++;
    }
    // fetched at the end of the step, so it is a whole step old when it is used
    holder = { jwks: present.keySet, ring: await unwrapSealingKeys(present.wrappedSealing, keks.sealingKek) };
    await time.advance(STEP_MS);
  }
  expect(failures).toBe(0);
  const { rows } = await db.query<{ line: string; n: number }>(
    `SELECT line, count(*) AS n FROM keys WHERE line = 'signing:ES256' GROUP BY line`,
  );
  expect(rows[0]?.n).toBeGreaterThanOrEqual(101);
}, 360_000);
