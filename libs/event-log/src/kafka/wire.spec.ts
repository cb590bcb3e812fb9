import fc from 'fast-check';
import { type Decoded, decode, encodeRow, encodeWatermark, type LogMessage, type LogRow } from './wire.js';

const row = (over: Partial<LogRow> = {}): LogRow => ({
  ...{ pseq: 7, event_id: 'e1', key: 's1', name: 'session', version: 1, body: { end_id: 'x' }, at: 1_000 },
  ...over,
});

/** As a broker hands it back: bytes. */
const received = ({ key, value, headers }: LogMessage) => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});
const entry = received(encodeRow('entry', 'epoch-1', row()));
const event = received(encodeRow('event', 'epoch-1', row({ name: 'SessionEnded', body: { sid: 's1' } })));
const watermark = received(encodeWatermark('epoch-1', 12, 7));

describe('what is written is what is read', () => {
  it.each<[string, ReturnType<typeof received>, Decoded]>([
    ['an entry', entry, { type: 'entry', epoch: 'epoch-1', pseq: 7, entry: { kind: 'session', id: 's1', at: 1_000, end_id: 'x' } }],
    [
      'an event',
      event,
      {
        type: 'event',
        epoch: 'epoch-1',
        record: { pseq: 7, event_id: 'e1', key: 's1', name: 'SessionEnded', version: 1, body: { sid: 's1' }, recorded_at: 1_000 },
      },
    ],
    ['a watermark', watermark, { type: 'watermark', epoch: 'epoch-1', ticket: 12, last: 7 }],
  ])('%s', (_what, message, expected) => expect(decode(message)).toEqual(expected));
});

describe('what a topic may hold beside that has a name', () => {
  const { 'lanyard-epoch': _epoch, ...withoutEpoch } = event.headers;
  const { 'lanyard-pseq': _pseq, ...withoutNumber } = event.headers;
  const cut = event.value.subarray(0, event.value.length - 5);
  const another = { ...event.headers, 'lanyard-type': Buffer.from('snapshot') };

  it.each([
    ['of a type this version does not know', { ...event, headers: another }, 'unknown_type', 7],
    ['without a type', { ...event, headers: {} }, 'no_type', null],
    ['without headers', { value: Buffer.from('hello') }, 'no_type', null],
    ['without an epoch', { ...event, headers: withoutEpoch }, 'no_epoch', 7],
    ['without a number', { ...event, headers: withoutNumber }, 'no_number', null],
    ['without a value', { ...event, value: null }, 'no_value', 7],
    ['with a truncated value', { ...event, value: cut }, 'truncated', 7],
    ['with another shape', { ...event, value: Buffer.from('[1]') }, 'bad_shape', 7],
    ['without a key', { ...event, key: null }, 'bad_shape', 7],
    ['a watermark of another shape', { ...watermark, value: Buffer.from('{"last":-1,"ticket":1}') }, 'bad_shape', null],
  ])('%s', (_what, message, why, pseq) => expect(decode(message)).toEqual({ type: 'unreadable', why, pseq }));

  it.each([
    ['truncated', { ...entry, value: cut }],
    ['of a newer version', received(encodeRow('entry', 'epoch-1', row({ version: 2 })))],
    ['of an unknown kind', received(encodeRow('entry', 'epoch-1', row({ name: 'planet' })))],
  ])('an entry that is %s keeps its number', (_what, message) =>
    expect(decode(message)).toEqual({ type: 'entry', epoch: 'epoch-1', pseq: 7, entry: null }),
  );

  it('any bytes at all: never an exception', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    const typed = fc.constantFrom('entry', 'event', 'watermark', 'x').map((text) => Buffer.from(text));
    const message = fc.record({
      key: fc.option(bytes),
      value: fc.option(
        fc.oneof(
          bytes,
          fc.json().map((text) => Buffer.from(text)),
        ),
      ),
      headers: fc.record({ 'lanyard-type': typed, 'lanyard-epoch': bytes, 'lanyard-pseq': fc.oneof(bytes, fc.constant(Buffer.from('3'))) }),
    });
    fc.assert(
      fc.property(message, (one) => void decode(one)),
      { numRuns: 500 },
    );
  });
});
