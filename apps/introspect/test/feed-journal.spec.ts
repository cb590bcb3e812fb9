import type { RevocationEntry } from '#libs/contracts';
import { Journal } from '../src/feed/journal.js';
import { epochName, type FeedPosition } from '../src/feed/position.js';

const ended = (id: string): RevocationEntry => ({ kind: 'session', id, at: 1 });
const at = (epoch: string, pseq: number) => ({ epoch, partition: 0, pseq });
const position = (epoch: string, last: number): FeedPosition => new Map([['session', { epoch: epochName(epoch), numbers: [last] }]]);
const proof = (epoch: string, last: number) => ({ epoch, ticket: 1, numbers: new Map([[0, last]]) });

function journal(): Journal {
  const of = new Journal();
  of.proven('session', proof('old', 0));
  of.logged('session', [ended('a'), ended('b')], [at('old', 6), at('old', 7)]);
  return of;
}

it('whoever resumes is given what has a number beyond its own', () => {
  expect(journal().since(position('old', 6))).toEqual({ entries: [ended('b')] });
});

it('and, whatever its number, an entry of a new epoch that is here before the first proof of it', () => {
  const of = journal();
  of.logged('session', [ended('c')], [at('new', 3)]);
  expect(of.since(position('old', 7))).toEqual({ entries: [ended('c')] });
});

it('once the new epoch has proven itself, a position of the old one is refused', () => {
  const of = journal();
  of.logged('session', [ended('c')], [at('new', 3)]);
  of.proven('session', proof('new', 3));
  expect(of.since(position('old', 7))).toEqual({ refused: 'the log of session is of another epoch' });
  expect(of.since(position('new', 3))).toEqual({ entries: [] });
});
