import { z } from 'zod';
import { cursorNumber, cursorOf, cursorTime } from '../src/index.js';

const key = cursorOf('keys', z.tuple([cursorTime, z.string()]));
const forged = (...members: unknown[]) => Buffer.from(JSON.stringify(members)).toString('base64url');
const REFUSED = expect.objectContaining({ publicDescription: 'query.cursor: not a cursor of this list' }) as Error;

test('a cursor leads back to the key it was made of', () => {
  for (const at of [0, 8.64e15]) expect(key.decode(key.encode([at, 'kid'] as const))).toEqual([at, 'kid']);
  expect(key.decode(undefined)).toBeNull();
});

test('a cursor of another list is none of this one, though its key would fit', () => {
  const other = cursorOf('sessions', z.tuple([cursorTime, z.string()]));
  expect(() => key.decode(other.encode([1, 'x']))).toThrow(REFUSED);
});

test.each([[-1], [8.64e15 + 1], [-Number.MAX_SAFE_INTEGER], [1.5], ['1'], [null]])('%j is not a time', (at) => {
  expect(() => key.decode(forged('keys', at, 'x'))).toThrow(REFUSED);
});

test.each(['a\0', '\ud800', 'b\udc00c'])('text that no column can hold is refused, whatever the shape says: %j', (text) => {
  expect(() => key.decode(forged('keys', 1, text))).toThrow(REFUSED);
  const nested = cursorOf('ends', z.tuple([z.object({ sid: z.string() })]));
  expect(() => nested.decode(forged('ends', { sid: text }))).toThrow(REFUSED);
});

test.each([0, -1, 2 ** 53, 0.5])('%d is not the number of a row', (number) => {
  expect(() => cursorOf('rows', z.tuple([cursorNumber])).decode(forged('rows', number))).toThrow(REFUSED);
});
