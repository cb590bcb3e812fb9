import { mutatedCursor } from './cursor.js';
import { anything, aString, changedJson } from './json-value.js';
import type { Pool } from './pool.js';
import type { Random } from './random.js';
import { rightRequest } from './right.js';
import type { Target } from './surface.js';

export interface FuzzRequest {
  readonly internal: boolean;
  readonly target: Target;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
  /** Nothing in it was changed. */
  readonly right: boolean;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
const FORM = 'application/x-www-form-urlencoded';
const TYPES = ['', 'text/plain', 'application/json', `${FORM}; charset=x`, FORM, 'multipart/form-data; boundary=', 'a/b;;'];
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

/** On its way from right to sent. */
interface Draft {
  method: string;
  readonly path: Record<string, string>;
  readonly pairs: [string, string][];
  readonly headers: Record<string, string>;
  json: unknown;
  internal: boolean;
  /** What is done to the bytes at last. */
  readonly bytes: ((text: Buffer) => Buffer)[];
  readonly address: ((path: string) => string)[];
}

/** A right request; in two of three, one or two things are changed. */
export function aRequest(random: Random, targets: readonly Target[], pool: Pool): FuzzRequest {
  const target = random.of(targets);
  const { path, pairs, headers, json } = rightRequest(target, random, pool);
  const draft: Draft = {
    ...{ method: target.method, path: { ...path }, pairs: [...pairs], headers: { ...headers }, json },
    ...{ internal: target.kind === 'internal', bytes: [], address: [] },
  };
  const changes = random.of([0, 1, 1, 1, 2, 2]);
  for (let change = 0; change < changes; change++) random.of(fitting(draft, target))(draft, random, target, pool);
  return { ...written(draft, target, random), target, right: changes === 0 };
}

type Change = (draft: Draft, random: Random, target: Target, pool: Pool) => void;

function fitting({ pairs, path, json }: Draft, { kind, parameters }: Target): Change[] {
  const cursor = pairs.some(([name]) => name === 'cursor');
  return [
    ...(cursor ? [changeCursor, changeCursor, changeCursor, changeCursor] : []),
    ...(pairs.length > 0 ? [changePair, changePair, changePair, changePairs] : []),
    ...(parameters.length > 0 ? [addPair, addPair] : []),
    ...(Object.keys(path).length > 0 ? [changePathValue, changePathValue] : []),
    ...(json !== undefined ? [changeBody, changeBody, changeBody, changeBody] : []),
    ...(kind === 'form' || json !== undefined ? [changeBytes, changeType] : []),
    ...[changeHeader, changeCredentials, changeMethod, changeAddress],
    ...(kind === 'query' ? [] : [changeListener]),
  ];
}

function changeCursor({ pairs }: Draft, random: Random, _: Target, pool: Pool): void {
  const at = pairs.findIndex(([name]) => name === 'cursor');
  const cursor = pairs[at]?.[1];
  if (cursor !== undefined) pairs[at] = ['cursor', mutatedCursor(cursor, [...pool.cursors.values()], random)];
}

function changePair({ pairs }: Draft, random: Random, _: Target, pool: Pool): void {
  const at = random.below(pairs.length);
  const pair = pairs[at];
  if (pair) pairs[at] = [pair[0], another(pair[0], pair[1], random, pool)];
}

function changePairs({ pairs }: Draft, random: Random): void {
  const at = random.below(pairs.length);
  const pair = pairs[at] ?? ['a', 'b'];
  if (random.chance(0.6)) pairs.splice(at, 1);
  else pairs.push([pair[0], random.of([pair[1], 'again'])]);
}

function addPair({ pairs }: Draft, random: Random, { parameters }: Target, pool: Pool): void {
  const name = random.chance(0.9) ? random.of(parameters) : aString(random);
  pairs.push([name, random.chance(0.5) ? pool.one(name, random) : wrongText(random)]);
}

function changePathValue({ path }: Draft, random: Random, _: Target, pool: Pool): void {
  const name = random.of(Object.keys(path));
  path[name] = another(name, path[name] ?? '', random, pool);
}

function changeBody(draft: Draft, random: Random): void {
  draft.json = ofNobody(changedJson(draft.json, random));
}

/** The services believe each other: a generation from the future would keep those people out for good whom the pool lives from. */
function ofNobody(json: unknown): unknown {
  const { gen, subject_gen } = (json ?? {}) as { gen?: unknown; subject_gen?: unknown };
  return [gen, subject_gen].some((each) => Number(each) > 500) ? { ...(json as object), sub: 'nobody' } : json;
}

function changeBytes({ bytes }: Draft, random: Random): void {
  bytes.push((body) => mutatedBytes(body, random));
}

function changeType({ headers }: Draft, random: Random): void {
  headers['content-type'] = random.of(TYPES);
}

function changeHeader({ headers }: Draft, random: Random): void {
  const [name, value] = random.of(HEADERS);
  headers[name] = value;
}

function changeCredentials({ headers }: Draft, random: Random, _: Target, pool: Pool): void {
  const name = headers.cookie === undefined ? 'authorization' : 'cookie';
  const present = headers[name];
  const other = name === 'cookie' ? pool.visits.any(random).cookie : `Bearer ${pool.tokens.any(random).access}`;
  if (random.chance(0.3)) delete headers[name];
  else headers[name] = random.chance(0.5) || present === undefined ? other : altered(present, random);
}

function changeMethod(draft: Draft, random: Random): void {
  draft.method = random.of(METHODS);
}

function changeAddress({ address }: Draft, random: Random): void {
  const what = random.of(['%', '%00', '//', '/..', '%2e%2e/', ';', '?', '%ff', '\\', '?%ff=%00&&=', 'x'.repeat(3_000)]);
  address.push((path) => {
    const at = random.below(path.length + 1);
    return `/${path.slice(1, at)}${what}${path.slice(at)}`;
  });
}

function changeListener(draft: Draft): void {
  draft.internal = !draft.internal;
}

/** Somebody else's, an altered one, or no such thing. */
function another(name: string, value: string, random: Random, pool: Pool): string {
  switch (random.below(4)) {
    case 0:
      return pool.one(name, random, value);
    case 1:
      return altered(value, random);
    default:
      return wrongText(random);
  }
}

function altered(value: string, random: Random): string {
  const at = random.below(value.length + 1);
  return `${value.slice(0, at)}${random.of(['A', '', '\u0000', '.', 'ö'])}${value.slice(at + 1)}`;
}

function wrongText(random: Random): string {
  return random.chance(0.5) ? aString(random) : String(anything(random));
}

function written(draft: Draft, target: Target, random: Random): Pick<FuzzRequest, 'internal' | 'method' | 'path' | 'headers' | 'body'> {
  const { method, headers, internal } = draft;
  // no half of a surrogate pair: it can't be encoded
  const encode = (text: string) => encodeURIComponent(Buffer.from(text).toString());
  let path = target.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(draft.path[name] ?? ''));
  const pairs = draft.pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  if (target.kind !== 'form' && pairs !== '') path += `?${pairs}`;
  for (const change of draft.address) path = change(path);
  let body: Buffer | null = null;
  if (target.kind === 'form') {
    headers['content-type'] ??= FORM;
    body = Buffer.from(pairs);
  } else if (draft.json !== undefined) {
    headers['content-type'] ??= 'application/json';
    body = Buffer.from(JSON.stringify(draft.json) ?? '');
  }
  for (const change of draft.bytes) body = change(body ?? Buffer.from('a=b'));
  if (method === 'GET' || method === 'HEAD') body = null;
  else if (body === null && random.chance(0.05)) body = Buffer.from('{}');
  return { internal, method, path, headers, body };
}

function mutatedBytes(body: Buffer, random: Random): Buffer {
  const copy = Buffer.from(body);
  switch (random.below(7)) {
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
    case 5:
      return Buffer.from(copy.toString().replace('=', random.of(['=%zz', '=%ff', '==', ''])));
    default:
      return Buffer.from('x'.repeat(random.of([0, 1, 65_536, 65_537, 200_000])));
  }
}
