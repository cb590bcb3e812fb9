import { type Row, SCOPE } from './cast.js';

/** Strings, compared character by character (RFC 9700 §2.1). */
export const redirectUriNotComparedExactly: Row = (world) => {
  const changes: [string, (uri: string) => string][] = [
    ['..;/', (uri) => `${uri}/..;/evil`],
    ['a dot segment', (uri) => `${uri}/../evil`],
    ['an encoded dot segment', (uri) => `${uri}/%2e%2e/evil`],
    ['double encoding', (uri) => `${uri}/%252e%252e/evil`],
    ['userinfo', (uri) => uri.replace('//', '//evil.example@')],
    ['a longer path', (uri) => `${uri}x`],
    ['a trailing slash', (uri) => `${uri}/`],
    ['another case', (uri) => uri.replace('callback', 'Callback')],
    ['a query', (uri) => `${uri}?a=b`],
    ['a fragment', (uri) => `${uri}#`],
    ['a wildcard', (uri) => uri.replace('callback', '*')],
    ['a longer host', (uri) => uri.replace('localhost', 'localhost.evil.example')],
  ];
  it.each(changes)(
    'Keycloak CVE-2026-3872, 2024-8883, 2023-6291, 2024-1132, 2026-7504: %s makes another redirect URI',
    async (_what, change) => {
      const { url } = await world().shop.begin(SCOPE);
      url.searchParams.set('redirect_uri', change(world().shop.callback));
      const { status, headers } = await fetch(url, { redirect: 'manual' });
      expect([status, headers.get('location')]).toEqual([400, null]);
    },
  );
};
