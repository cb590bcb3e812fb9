import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { connectRedis, RedisEphemeral, RedisStore } from '#libs/ephemeral';
import { RedisServer, TestCertificates } from '#libs/testing';
import { testPepper } from './redis-harness.js';

/** Patience instead of the deadline of the real thing: what is proved here is who is believed. */
const PATIENCE_MS = 5_000;
const MINUTE = 60_000;
const certificates = new TestCertificates();
const another = new TestCertificates();
const pem = ({ caFile }: TestCertificates) => readFileSync(caFile, 'utf8');

let server: RedisServer;
let tlsPort: number;
beforeAll(async () => {
  tlsPort = await freePort();
  const files = [
    '--tls-cert-file',
    certificates.certFile,
    '--tls-key-file',
    certificates.keyFile,
    '--tls-ca-cert-file',
    certificates.caFile,
  ];
  server = await RedisServer.start(['--tls-port', `${tlsPort}`, ...files, '--tls-auth-clients', 'no']);
  await server.admin.acl('SETUSER', 'lanyard', 'on', '>right', '~*', '&*', '+@all');
});
afterAll(async () => {
  await server?.close();
  certificates.discard();
  another.discard();
});

const stores: RedisStore[] = [];
afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

async function started(url: string, ca: string | null): Promise<{ store: RedisStore; said: string[] }> {
  const said: string[] = [];
  const events = { changed: (_up: boolean, reason: string) => void said.push(reason), bornAgain: () => undefined, failed: () => undefined };
  const store = new RedisStore(
    connectRedis({ url, ca }, () => undefined),
    Date,
    events,
    PATIENCE_MS,
  );
  stores.push(store);
  await store.start();
  return { store, said };
}

describe('rediss://', () => {
  const url = (host = '127.0.0.1', login = 'lanyard:right') => `rediss://${login}@${host}:${tlsPort}`;

  it.each(['127.0.0.1', 'localhost'])('with the CA of its certificate is used, by the name %s, over TLS', async (host) => {
    const { store } = await started(url(host), pem(certificates));
    expect(store.isUp).toBe(true);
    const once = new RedisEphemeral(store, testPepper).once('assertion');
    expect([await once.mark(host, MINUTE), await once.mark(host, MINUTE)]).toEqual([true, false]);
  });

  it.each<[string, string | null, RegExp]>([
    ['the CA is another', pem(another), /: .*(certificate|signature)/],
    ['no CA is named and the system does not know it', null, /: .*certificate/],
  ])('is not used when %s, and the reason names the certificate', async (_what, ca, why) => {
    const { store, said } = await started(url(), ca);
    expect(store.isUp).toBe(false);
    expect(said).toEqual([expect.stringMatching(why)]);
    await expect(new RedisEphemeral(store, testPepper).once('assertion').mark('x', MINUTE)).rejects.toThrow('Redis is away');
  });

  it('is not used with a wrong password, and says so without it', async () => {
    const { store, said } = await started(url('127.0.0.1', 'lanyard:mistaken'), pem(certificates));
    expect(store.isUp).toBe(false);
    expect(said).toEqual([expect.stringMatching(/WRONGPASS|NOAUTH/)]);
    expect(said[0]).not.toContain('mistaken');
  });

  it('is not used where there is no TLS', async () => {
    const { store, said } = await started(`rediss://127.0.0.1:${server.port}`, pem(certificates));
    expect(store.isUp).toBe(false);
    expect(said).toHaveLength(1);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
