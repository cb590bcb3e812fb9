import { readFileSync } from 'node:fs';
import type { ResourceServer } from '#libs/resource-server';
import { TestCertificates, until } from '#libs/testing';
import { FakeIssuer, LONG } from './fake-issuer.js';
import { statusOf } from './refusal-of.js';

/** As production is; every other spec is over plain HTTP. */
const [ours, strangers] = [new TestCertificates(), new TestCertificates()];
afterAll(() => {
  for (const each of [ours, strangers]) each.discard();
});
const pem = (file: string) => readFileSync(file, 'utf8');
const certificateOf = ({ keyFile, certFile }: TestCertificates) => ({ key: pem(keyFile), cert: pem(certFile) });
const ca = pem(ours.caFile);
const FORMS = ['jwt', 'opaque'] as const;
const BOUND_MS = 2_000;

let issuer: FakeIssuer;
beforeEach(async () => {
  issuer = await FakeIssuer.start(certificateOf(ours));
});
afterEach(() => issuer.close());

const statuses = (server: ResourceServer, headers: string[]) => Promise.all(headers.map((header) => statusOf(server.verify(header))));

describe('over TLS', () => {
  it('tokens are verified and asked about, and the feed tells when their session ends', async () => {
    const server = await issuer.fresh({ ca });
    const claims = issuer.claimsOf();
    const headers = FORMS.map((form) => `Bearer ${issuer.token(form, claims)}`);
    expect(await statuses(server, headers)).toEqual([200, 200]);
    expect([issuer.asked.length, issuer.jwksReadings]).toEqual([1, 1]);
    issuer.feed.end('session', claims.sid);
    await until(async () => (await statuses(server, headers)).every((status) => status === 401), LONG);
  });

  it('a server whose certificate nobody trusts is none', async () => {
    for (const trusted of [{}, { ca: pem(strangers.caFile) }]) await expect(issuer.server(trusted)).rejects.toThrow(/certificate/);
    expect(issuer.feed.streams).toEqual([]);
  });

  it.each(['introspect', 'refuse'] as const)(
    'a feed that changes its key to one that nobody trusts proves nothing more, and the policy (%s) is 503',
    async (otherwise) => {
      const server = await issuer.fresh({ ca, freshness: { otherwise, boundMs: BOUND_MS, probeEveryMs: 50 } });
      const [known, unknown] = [FORMS.map((form) => `Bearer ${issuer.token(form)}`), FORMS.map((form) => `Bearer ${issuer.token(form)}`)];
      expect(await statuses(server, known)).toEqual([200, 200]);
      const { length: streams } = issuer.feed.streams;
      const { length: asked } = issuer.asked;
      const began = performance.now();
      issuer.present(certificateOf(strangers));
      let acceptedAt = began;
      await until(async () => {
        const at = performance.now();
        const now = await statuses(server, known);
        if (now.includes(200)) acceptedAt = at;
        expect(now.filter((status) => status !== 200 && status !== 503)).toEqual([]);
        return now.every((status) => status === 503);
      }, LONG);
      expect(acceptedAt - began).toBeLessThanOrEqual(BOUND_MS);
      const troubles = () => issuer.troubles.filter((message) => message === 'the revocation feed broke off').length;
      await until(() => troubles() >= 4, LONG);
      expect(await statuses(server, [...known, ...unknown])).toEqual([503, 503, 503, 503]);
      // Nothing was said to whoever it is: no secret, no token.
      expect([server.freshness().fresh, issuer.feed.streams.length, issuer.asked.length]).toEqual([false, streams, asked]);
      issuer.present(certificateOf(ours));
      await until(() => server.freshness().fresh, LONG);
      await until(async () => (await statuses(server, [...known, ...unknown])).every((status) => status === 200), LONG);
    },
  );
});
