import type { AccessTokenClaims } from '#libs/protocol';

/**
 * Who it is, for the API behind the gateway. All of them are always there, empty where the token says nothing: some gateways leave a header of
 * the same name that the end user sent where the answer has none (Caddy before GHSA-7r4p-vjf4-gxv4, Envoy). The session's id is what any
 * resource server gets by introspection; a gateway passes on what its configuration names.
 */
export function identityHeaders({ sub, client_id, scope, aud, sid, jti, acr }: Readonly<AccessTokenClaims>): Record<string, string> {
  return {
    'lanyard-subject': headerText(sub),
    'lanyard-client-id': headerText(client_id),
    'lanyard-scope': scope.split(' ').map(headerText).join(' '),
    'lanyard-audience': (typeof aud === 'string' ? [aud] : aud).map(headerText).join(' '),
    'lanyard-session-id': headerText(sid ?? ''),
    'lanyard-token-id': headerText(jti),
    'lanyard-acr': headerText(acr ?? ''),
  };
}

/** Visible ASCII as it is, everything else and `%` percent-encoded as UTF-8: no value ends a header or looks like two. */
export function headerText(value: string): string {
  return value.replace(/[^\x21-\x24\x26-\x7e]+/gu, (odd) =>
    [...Buffer.from(odd, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
