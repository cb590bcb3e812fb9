import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** RFC 6749 §3.1: parameters must not be included more than once. */
export const parametersTwice: Row = (world) => {
  it('Keycloak CVE-2026-9689: a redirect URI sent twice is refused, and an answer has each parameter once', async () => {
    const { url } = await world().shop.begin(SCOPE);
    const twice = new URL(url);
    twice.searchParams.append('redirect_uri', 'https://evil.example/');
    const { status, headers } = await fetch(twice, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([400, null]);
    const { page } = await world().signInAt(new UserAgent(), world().shop, SCOPE);
    const names = [...page.url.searchParams.keys()];
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['code', 'state', 'iss']));
  });
};
