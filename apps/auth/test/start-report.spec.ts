import 'reflect-metadata';
import { Log } from '#libs/http';
import { StartReport } from '../src/configuration-import/start-report.js';
import { RecordsWorld } from './records-world.js';

let world: RecordsWorld;
beforeAll(async () => {
  world = await RecordsWorld.create();
});
afterAll(() => world.dispose());

const STRONG = 'a-secret-of-more-than-thirty-two-characters';
const shop = { client_id: 'shop', client_secret: STRONG, redirect_uris: ['https://shop.example/cb'] };

async function said(): Promise<string[]> {
  const lines: { client_id?: string; member?: string; msg: string }[] = [];
  const log = Log.open({ level: 'info', service: 'auth' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  await new StartReport(world.db, log).write();
  return lines.map(({ client_id, member, msg }) => `${client_id}: ${msg}${member ? ` (${member})` : ''}`);
}

test('what clients are registered for and do not get is named at every start, and so are secrets that could be guessed', async () => {
  await world.import({
    clients: [
      shop,
      { ...shop, client_id: 'bank', dpop_bound_access_tokens: true, require_pushed_authorization_requests: true },
      { ...shop, client_id: 'demo', client_secret: 'short' },
      { ...shop, client_id: 'tv', redirect_uris: [], grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] },
      { ...shop, client_id: 'lost', redirect_uris: [] },
    ],
  });
  const report = [
    'bank: a client is registered for what is not built yet (dpop_bound_access_tokens)',
    'bank: a client is registered for what is not built yet (require_pushed_authorization_requests)',
    'demo: a client secret is shorter than 32 characters',
    'lost: a client has nowhere to be redirected to (redirect_uris)',
    'tv: a client is registered for what is not built yet (grant_types)',
  ];
  expect(await said()).toEqual(report);
  expect(await said()).toEqual(report);
});

test('clients that are switched off are not', async () => {
  await world.import({ clients: [shop] });
  expect(await said()).toEqual([]);
});
