import type { ClientRecord } from '#libs/contracts';
import { clientMetadata } from '#libs/protocol';
import { browserOriginsOf, ClientDirectory, OriginDirectory } from '../src/index.js';
import { record, settings } from './client-fixture.js';

class World {
  reads = 0;
  time = 0;
  fresh = true;
  refusedBelow = 0;
  answer: () => Promise<ClientRecord | null> = async () => record('shop', { access_token_ttl: 60 });
  readonly directory: ClientDirectory;

  constructor(rereadBehind = false) {
    const source = {
      read: () => {
        this.reads += 1;
        return this.answer();
      },
    };
    const view = { freshness: () => ({ fresh: this.fresh }), refusesClient: (_: string, gen: number) => gen < this.refusedBelow };
    this.directory = new ClientDirectory({ source, settings, view, rereadBehind, now: () => this.time, maxEntries: 2 });
  }
}

test('a record is read once a minute, however many ask', async () => {
  const world = new World();
  const [first] = await Promise.all([world.directory.get('shop'), world.directory.get('shop')]);
  expect(first).toMatchObject({ client_id: 'shop', settings: { access_token_ttl: 60 } });
  world.time = 59_999;
  await world.directory.get('shop');
  expect(world.reads).toBe(1);
  world.time = 60_000;
  await world.directory.get('shop');
  expect(world.reads).toBe(2);
});

test('a changed client is read again at once', async () => {
  const world = new World();
  await world.directory.get('shop');
  world.directory.changed('shop');
  await world.directory.get('shop');
  expect(world.reads).toBe(2);
});

test('a record whose read began before the change does not count as current', async () => {
  const world = new World();
  let release = (_: ClientRecord) => {};
  world.answer = () => new Promise((resolve) => (release = resolve));
  const early = world.directory.get('shop');
  world.directory.changed('shop');
  release(record('shop', { client_name: 'before' }));
  await early;
  world.answer = async () => record('shop', { client_name: 'after' });
  expect(await world.directory.get('shop')).toMatchObject({ metadata: { client_name: 'after' } });
});

test('an unknown client is null and asked for again: a new client works at once', async () => {
  const world = new World();
  world.answer = async () => null;
  expect(await world.directory.get('shop')).toBeNull();
  world.answer = async () => record('shop');
  expect(await world.directory.get('shop')).not.toBeNull();
});

describe('while auth can not be reached', () => {
  const away = async () => {
    throw new Error('connect ECONNREFUSED');
  };

  test('the last record stays usable as long as the view is fresh', async () => {
    const world = new World();
    await world.directory.get('shop');
    world.answer = away;
    world.time = 600_000;
    expect(await world.directory.get('shop')).toMatchObject({ client_id: 'shop' });
    world.fresh = false;
    await expect(world.directory.get('shop')).rejects.toMatchObject({ status: 503, code: 'temporarily_unavailable' });
  });

  test('a client never seen is a 503, not an unknown client', async () => {
    const world = new World();
    world.answer = away;
    await expect(world.directory.get('shop')).rejects.toMatchObject({ status: 503 });
  });
});

describe('where records are read again behind the caller’s back', () => {
  const never = () => new Promise<never>(() => undefined);
  const old = async () => {
    const world = new World(true);
    await world.directory.get('shop');
    world.time = 60_000;
    return world;
  };

  test('an old one is used at once though auth never answers, and asked for once', async () => {
    const world = await old();
    world.answer = never;
    const used = world.directory.current('shop');
    expect(used).toMatchObject({ client_id: 'shop' });
    expect(await world.directory.get('shop')).toBe(used);
    world.time = 600_000;
    expect(world.directory.current('shop')).toBe(used);
    expect(world.reads).toBe(2);
  });

  test('and where auth refuses, once a second', async () => {
    const world = await old();
    world.answer = () => Promise.reject(new Error('connect ECONNREFUSED'));
    for (const time of [60_000, 60_400, 60_999, 61_000, 61_999]) {
      world.time = time;
      expect(await world.directory.get('shop')).toMatchObject({ client_id: 'shop' });
    }
    expect(world.reads).toBe(3);
  });

  test('the record that was read takes the old one’s place', async () => {
    const world = await old();
    world.answer = async () => record('shop', { client_name: 'after' });
    await world.directory.get('shop');
    expect(await world.directory.get('shop')).toMatchObject({ metadata: { client_name: 'after' } });
    expect(world.reads).toBe(2);
  });

  test('one that has changed is not used: whoever asks waits, also while an older reading hangs', async () => {
    const world = await old();
    let late = (_: ClientRecord) => {};
    world.answer = () => new Promise((resolve) => (late = resolve));
    world.directory.current('shop');
    world.time = 60_001;
    world.directory.changed('shop');
    expect(world.directory.current('shop')).toBeNull();
    world.answer = async () => record('shop', { client_name: 'after' });
    expect(await world.directory.get('shop')).toMatchObject({ metadata: { client_name: 'after' } });
    late(record('shop', { client_name: 'before' }));
    await Promise.resolve();
    expect(await world.directory.get('shop')).toMatchObject({ metadata: { client_name: 'after' } });
  });

  test('an old one is not used while the view is not fresh: it could not have told of a change', async () => {
    const world = await old();
    world.fresh = false;
    expect(world.directory.current('shop')).toBeNull();
    world.answer = async () => record('shop', { client_name: 'after' });
    expect(await world.directory.get('shop')).toMatchObject({ metadata: { client_name: 'after' } });
  });

  test('one that the view refuses is shown as disabled, however old', async () => {
    const world = await old();
    world.answer = never;
    world.refusedBelow = 2;
    expect(world.directory.current('shop')).toMatchObject({ disabled: true });
  });
});

test('a record older than the entry that disabled its client is shown as disabled', async () => {
  const world = new World();
  expect(await world.directory.get('shop')).toMatchObject({ disabled: false });
  world.refusedBelow = 2;
  expect(await world.directory.get('shop')).toMatchObject({ disabled: true });
  world.answer = async () => ({ ...record('shop'), gen: 2 });
  world.directory.changed('shop');
  expect(await world.directory.get('shop')).toMatchObject({ disabled: false });
});

test('the cache is bounded', async () => {
  const world = new World();
  for (const id of ['a', 'b', 'c', 'a']) await world.directory.get(id);
  expect(world.reads).toBe(4);
});

describe('origins of browser clients', () => {
  const redirect_uris = ['https://spa.example/cb', 'http://localhost:3000/'];

  test('are those of their redirect URIs and allowed_origins; other clients have none', () => {
    const browser = { application_type: 'browser', scope: 'online_access', redirect_uris, allowed_origins: ['https://other.example'] };
    expect(browserOriginsOf(clientMetadata.parse(browser))).toEqual([
      'https://spa.example',
      'http://localhost:3000',
      'https://other.example',
    ]);
    expect(browserOriginsOf(clientMetadata.parse({ redirect_uris }))).toEqual([]);
  });

  test('are asked for once a minute, and the last answer holds while nobody answers', async () => {
    let [asked, time, down] = [0, 0, false];
    const origins = new OriginDirectory(
      async (origin) => {
        asked += 1;
        if (down) throw new Error('away');
        return origin === 'https://spa.example';
      },
      () => time,
    );
    expect(await origins.allowed('https://spa.example')).toBe(true);
    expect(await origins.allowed('https://evil.example')).toBe(false);
    expect([await origins.allowed('https://spa.example'), asked]).toEqual([true, 2]);
    time = 60_000;
    down = true;
    expect(await origins.allowed('https://spa.example')).toBe(true);
    await expect(origins.allowed('https://new.example')).rejects.toThrow('away');
    expect(await origins.allowed(`https://${'x'.repeat(300)}.example`)).toBe(false);
  });
});
