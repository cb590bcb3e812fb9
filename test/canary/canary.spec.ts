import type { JsonWebKey } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '#libs/contracts';
import { ROLES } from '#libs/database';
import { ServiceTokens } from '#libs/http';
import { type SpawnedServices, until } from '#libs/testing';
import { spawnWorld, type World } from '../world.js';
import { Flows } from './flows.js';
import { type Kind, KnownSecrets } from './known-secrets.js';
import { type Misplaced, misplaced, misplacedByOperators } from './misplaced.js';
import { answers, files, leaks, logs, metrics, tables } from './places.js';
import { Recorder } from './recorder.js';

/** ASVS 5.0 16.2.5 and 13.3: secrets that are known here go through every flow, and are then looked for everywhere. */
let world: World<SpawnedServices>;
const secrets = new KnownSecrets();
const recorder = new Recorder(secrets);

beforeAll(async () => {
  world = await spawnWorld({ env: { LANYARD_LOG_LEVEL: 'trace' } });
  recorder.start();
}, 360_000);
afterAll(async () => {
  recorder.stop();
  await world?.close();
}, 180_000);

const KINDS: readonly Kind[] = [
  ...(['password', 'client secret', 'authorization code', 'PKCE verifier', 'state', 'nonce', 'cookie', 'handle', 'form token'] as const),
  ...(['access token', 'refresh token', 'id token', 'logout token', 'service token'] as const),
  ...(['key of the environment', 'database password'] as const),
];

async function everywhere() {
  return [...logs(world), ...(await tables(world)), ...(await metrics(world)), ...files(world), ...answers(recorder, secrets)];
}

/** What the processes were started with, and what they call each other with. */
function learnEnvironment(): void {
  for (const service of SERVICES) {
    const env = world.stand.environment(service);
    for (const name of ['LANYARD_KEK', 'LANYARD_SEALING_KEK', 'LANYARD_PEPPER']) secrets.add('key of the environment', env[name]);
    const privateJwk = JSON.parse(env.LANYARD_SERVICE_KEY ?? '{}') as JsonWebKey;
    secrets.add('key of the environment', privateJwk.d);
    secrets.add('database password', new URL(env.DATABASE_URL ?? '').password);
    const publicJwks = JSON.parse(env.LANYARD_SERVICE_KEYS ?? '{}') as { keys: JsonWebKey[] };
    secrets.add('service token', new ServiceTokens(service, { privateJwk, publicJwks }).for('*'));
  }
}

/** A few at a time. */
async function sendAll(requests: readonly Misplaced[]): Promise<void> {
  const left = [...requests];
  const sender = async () => {
    for (let next = left.pop(); next; next = left.pop()) await (await fetch(next.url, next.init)).text();
  };
  await Promise.all(Array.from({ length: 8 }, sender));
}

/** One of each kind, the newest; of what comes in several forms the oldest as well. */
function samples(): string[] {
  const twice: readonly Kind[] = ['password', 'client secret', 'access token', 'key of the environment'];
  const of = (kind: Kind) => [secrets.ofKind(kind).at(-1), ...(twice.includes(kind) ? secrets.ofKind(kind).slice(0, 1) : [])];
  return KINDS.flatMap(of).filter((secret) => secret !== undefined);
}

async function withoutDatabase(work: () => Promise<void>): Promise<void> {
  const { database } = world.stand;
  await database.query(`ALTER DATABASE ${database.name} CONNECTION LIMIT 0`);
  try {
    await database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = ANY ($1)',
      [ROLES],
    );
    await work();
  } finally {
    await database.query(`ALTER DATABASE ${database.name} CONNECTION LIMIT -1`);
  }
  await Promise.all(SERVICES.map((service) => world.stand.ready(service)));
}

it('no secret is in a log, a table, a metric, a file or an answer that is not its owner’s', async () => {
  learnEnvironment();
  await new Flows(world).all();
  const received = await until(() => Object.values(world.receivers).flatMap(({ deliveries }) => deliveries), { what: 'logout tokens' });
  for (const { logoutToken } of received) secrets.add('logout token', logoutToken);
  const before = samples();
  const [operators = ''] = secrets.ofKind('access token');
  await sendAll(before.flatMap((secret) => [...misplaced(world, secret), ...misplacedByOperators(world, secret, operators)]));
  await withoutDatabase(() =>
    sendAll(before.slice(0, 8).flatMap((secret) => misplaced(world, secret).filter((_, index) => index % 7 === 0))),
  );

  expect(KINDS.filter((kind) => secrets.ofKind(kind).length === 0)).toEqual([]);
  const statuses = new Set(recorder.exchanges.map(({ status }) => status));
  for (const status of [200, 201, 303, 400, 401, 403, 404, 405, 413, 503]) expect([...statuses]).toContain(status);
  expect(leaks(secrets, await everywhere())).toEqual([]);
}, 360_000);

describe('the search finds', () => {
  const forms = (secret: string) => [
    secret,
    encodeURIComponent(secret),
    `x${Buffer.from(`ab${secret}cd`).toString('base64')}`,
    Buffer.from(secret).toString('hex'),
  ];

  it.each(['password', 'refresh token', 'cookie', 'access token'] as const)(
    'a %s in a log line and in a table, however it is written',
    async (kind) => {
      const secret = secrets.ofKind(kind)[0] ?? '';
      for (const form of forms(secret)) {
        await world.stand.database.query('CREATE TABLE session.planted (id int, it jsonb, bytes bytea)');
        await world.stand.database.query('INSERT INTO session.planted VALUES (1, $1, $2)', [
          JSON.stringify({ it: form }),
          Buffer.from(secret),
        ]);
        const found = leaks(
          secrets,
          (await tables(world)).filter(({ name }) => name === 'table session.planted'),
        );
        await world.stand.database.query('DROP TABLE session.planted');
        expect(found).toContain(`${kind} in table session.planted`);
        expect(leaks(secrets, [{ name: 'line', text: `{"msg":"x","detail":"${form}"}`, mayHold: () => false }])).toContain(
          `${kind} in line`,
        );
      }
    },
  );

  it('one that is in a real log, and one in an error page', async () => {
    const [secret = ''] = secrets.ofKind('PKCE verifier');
    appendFileSync(join(world.stand.folder, 'token.log'), `{"msg":"${secret}"}\n`);
    expect(leaks(secrets, logs(world))).toEqual(['PKCE verifier in log of token']);
    recorder.exchanges.push({ asked: 'GET /x', status: 400, answer: `<p>${secret}</p>`, isPage: true });
    expect(leaks(secrets, answers(recorder, secrets).slice(-1))).toEqual(['PKCE verifier in answer 400 to GET /x']);
  });
});
