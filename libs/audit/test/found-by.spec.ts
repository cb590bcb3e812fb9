import { foundBy } from '../src/index.js';

const filters = { sub: 'a-token-in-the-wrong-field', client_id: null };

it('what something was found by is named', () => {
  expect(foundBy(filters, 1)).toEqual(filters);
});

it('what nothing was found by is not: it may be anything that was at hand', () => {
  expect(foundBy(filters, 0)).toEqual({ sub: 'not found', client_id: null });
});
