import { secretOf } from '#libs/testing';
import { basic } from '../actors/raw-client.js';
import { anything, aString, exampleOf } from './json-value.js';
import type { Pool } from './pool.js';
import type { Random } from './random.js';
import type { Target } from './surface.js';

export interface FuzzRequest {
  readonly internal: boolean;
  readonly target: Target;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
}

/** Paths that switch off what the fuzzer itself stands on get ids from the harmless names. */
const HARMLESS: Readonly<Record<string, string>> = { sub: 'user', client_id: 'client' };
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
const TYPES = [
  '',
  'text/plain',
  'application/json',
  'application/x-www-form-urlencoded; charset=x',
  'multipart/form-data; boundary=',
  'a/b;;',
];
const HEADERS: readonly [string, string][] = [
  ['authorization', 'Basic %%%'],
  ['authorization', 'Bearer '],
  ['cookie', '=;;=;\u00ff'],
  ['origin', 'null'],
  ['origin', 'http://[::1'],
  ['content-encoding', 'gzip'],
  ['x-forwarded-for', ',,1.2.3.4:x'],
  ['x-request-id', '\u00ff'],
  ['host', 'evil.example'],
  ['accept-language', ';q=9,,'],
  ['sec-fetch-site', 'cross-site'],
  ['user-agent', 'x'.repeat(2_000)],
  ['expect', 'x'],
];

/** A request that would be good, and then, more often than not, isn't. */
export function aRequest(random: Random, targets: readonly Target[], pool: Pool): FuzzRequest {
  const target = random.of(targets);
  const headers = credentials(target, random, pool);
  let method = target.method;
  let path = target.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(text(HARMLESS[name] ?? name, random, pool)));
  const pairs = parameters(target, random, pool);
  if (target.kind !== 'form' && pairs !== '') path += `?${pairs}`;
  let body: Buffer | null = null;
  if (target.kind === 'form') {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    body = Buffer.from(pairs);
  } else if (target.body) {
    headers['content-type'] = 'application/json';
    body = Buffer.from(JSON.stringify(exampleOf(target.body, '', random, pool.known)) ?? '');
  }
  if (random.chance(0.5)) {
    if (random.chance(0.15)) method = random.of(METHODS);
    if (random.chance(0.15)) path = mutatedPath(path, random);
    if (random.chance(0.15)) headers['content-type'] = random.of(TYPES);
    if (random.chance(0.3)) Object.assign(headers, Object.fromEntries([random.of(HEADERS)]));
    if (random.chance(0.3)) body = mutatedBody(body ?? Buffer.from('a=b'), random);
  }
  if (method === 'GET' || method === 'HEAD') body = null;
  return { internal: target.kind === 'internal' ? !random.chance(0.02) : random.chance(0.02), target, method, path, headers, body };
}

function credentials(target: Target, random: Random, pool: Pool): Record<string, string> {
  if (random.chance(0.08)) return {};
  if (target.kind === 'internal') {
    const audience = target.path === '/internal/hints' && random.chance(0.5) ? '*' : target.service;
    return { authorization: `Bearer ${pool.serviceToken(random.of(target.callers.length > 0 ? target.callers : ['auth']), audience)}` };
  }
  if (target.kind === 'admin') return { authorization: `Bearer ${pool.adminToken}` };
  if (target.path === '/userinfo') return { authorization: `Bearer ${text('token', random, pool)}` };
  if (target.service === 'auth') {
    const name = random.chance(0.8) ? 'lanyard-session' : aString(random).replaceAll(/[^!-~]/g, 'x');
    return { cookie: `${name}=${pool.cookie}`, origin: 'http://localhost', 'sec-fetch-site': 'same-origin' };
  }
  const client = random.of(['photo-shop', 'photo-book', 'gateway', 'print-press']);
  return { authorization: basic(client, secretOf(client)) };
}

function parameters(target: Target, random: Random, pool: Pool): string {
  const pairs: string[] = [];
  for (const name of target.parameters) {
    if (random.chance(target.kind === 'admin' ? 0.7 : 0.25)) continue;
    pairs.push(`${name}=${random.chance(0.03) ? '%zz' : encodeURIComponent(text(name, random, pool))}`);
    if (random.chance(0.02)) pairs.push(`${name}=again`);
  }
  if (random.chance(0.03)) pairs.push('%ff=%00', '&&', '=');
  return pairs.join('&');
}

function text(name: string, random: Random, pool: Pool): string {
  const real = pool.known(name);
  const chosen = real.length > 0 && random.chance(0.85) ? random.of(real) : random.chance(0.5) ? aString(random) : String(anything(random));
  // no half of a surrogate pair: it can't be encoded
  return Buffer.from(chosen).toString();
}

function mutatedPath(path: string, random: Random): string {
  const at = random.below(path.length + 1);
  return `/${path.slice(1, at)}${random.of(['%', '%00', '//', '/..', '%2e%2e/', ';', '?', '%ff', '\\', 'x'.repeat(3_000)])}${path.slice(at)}`;
}

function mutatedBody(body: Buffer, random: Random): Buffer {
  const copy = Buffer.from(body);
  switch (random.below(6)) {
    case 0:
      return copy.subarray(0, random.below(copy.length + 1));
    case 1:
      if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
      return copy;
    case 2:
      return Buffer.concat([copy, Buffer.from([0, 0xff, 0xfe])]);
    case 3:
      return Buffer.concat([copy, Buffer.from('&a=1'.repeat(random.below(500)))]);
    case 4:
      return Buffer.from('['.repeat(random.below(20_000)));
    default:
      return Buffer.from('x'.repeat(random.of([0, 1, 65_536, 65_537, 200_000])));
  }
}
