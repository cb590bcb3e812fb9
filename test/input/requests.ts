import { secretOf } from '#libs/testing';
import { basic } from '../actors/raw-client.js';
import type { World } from '../world.js';

export interface BadRequest {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
  /** What it must get; several where the endpoint decides by what else it finds. */
  readonly expect: readonly number[];
  readonly error?: string;
}

const FORM = 'application/x-www-form-urlencoded';
const good = { 'content-type': FORM, authorization: basic('photo-shop', secretOf('photo-shop')) };
const { authorization: _, ...anonymous } = good;
const bad = (name: string, body: string | Buffer, more: Partial<BadRequest> = {}): BadRequest => ({
  name,
  body,
  headers: good,
  expect: [400],
  error: 'invalid_request',
  ...more,
});

/** Whatever endpoint takes a form, these are wrong in themselves. `start` is a form that would be read, without its end. */
export function malformed(start: string): BadRequest[] {
  return [
    bad('a parameter twice', `${start}&token=a&token=b&grant_type=x&grant_type=y&state=1&state=2`),
    bad('a NUL', `${start}&token=a%00b&code=a%00b&state=%00`),
    bad('bad percent-encoding', `${start}&state=%zz&token=%`),
    bad('bytes that are no UTF-8', Buffer.concat([Buffer.from(`${start}&token=`), Buffer.from([0xff, 0xfe])])),
    bad('an overlong UTF-8 sequence', `${start}&token=%c0%80`),
    bad('a thousand parameters', `${start}${'&a=1'.repeat(1_000)}`),
    bad('100 kB', `${start}&token=${'x'.repeat(100_000)}`, { expect: [413] }),
    bad('JSON', '{"token":"x"}', { headers: { ...good, 'content-type': 'application/json' }, expect: [400, 415] }),
    bad('XML', '<x/>', { headers: { ...good, 'content-type': 'application/xml' }, expect: [400, 415] }),
    bad('multipart', '--x--', { headers: { ...good, 'content-type': 'multipart/form-data; boundary=x' }, expect: [400, 415] }),
    bad('a compressed body', start, { headers: { ...good, 'content-encoding': 'gzip' } }),
  ];
}

/** Of endpoints that a client authenticates at. */
export function unauthenticated(form: string): BadRequest[] {
  const refused = (name: string, authorization: string, more: Partial<BadRequest> = {}) =>
    bad(name, form, { headers: { ...anonymous, authorization }, expect: [401], error: 'invalid_client', ...more });
  return [
    bad('no client authentication', form, { headers: anonymous, expect: [401], error: 'invalid_client' }),
    bad('two ways of client authentication', `${form}&client_id=photo-shop&client_secret=${secretOf('photo-shop')}`),
    bad('another client_id than it proves', `${form}&client_id=photo-book`),
    bad('a public client that claims to be a confidential one', `${form}&client_id=photo-shop`, {
      headers: anonymous,
      expect: [401],
      error: 'invalid_client',
    }),
    bad(
      'an assertion of a kind that is not offered',
      `${form}&client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer`,
      {
        headers: anonymous,
        expect: [401],
        error: 'invalid_client',
      },
    ),
    refused('a wrong secret', basic('photo-shop', 'wrong')),
    refused('an unknown client', basic('nobody', 'x')),
    refused('a client with a NUL in its name', basic('photo\0shop', 'x')),
    refused('a client whose name is not ASCII', basic('fotoläden', 'x')),
    refused('Basic without a colon', `Basic ${Buffer.from('photo-shop').toString('base64')}`),
    refused('Basic that is not base64', 'Basic %%%'),
    refused('Basic that is not UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`),
    refused('Basic that is not form-encoded', `Basic ${Buffer.from('photo-shop:%zz').toString('base64')}`),
    refused('Basic and nothing', 'Basic'),
    refused('a Bearer token', 'Bearer x'),
    refused('4 kB of credentials', basic('photo-shop', 'x'.repeat(5_000))),
  ];
}

/** The forms that each endpoint would read, so that only what is wrong is wrong. */
export function formEndpoints({ endpoints, metadata }: World): [name: string, url: string, start: string, authenticated: boolean][] {
  return [
    ['token', endpoints.token, 'grant_type=authorization_code&code=x', true],
    ['revoke', endpoints.revoke, 'token_type_hint=access_token', true],
    ['introspect', endpoints.introspect, 'token_type_hint=access_token', true],
    ['authorize', metadata.authorization_endpoint, 'client_id=photo-shop&response_type=code', false],
    ['logout', metadata.end_session_endpoint, 'client_id=photo-shop', false],
  ];
}
