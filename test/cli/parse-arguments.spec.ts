import { parseArguments } from '../../scripts/cli/parse-arguments.js';

const OPTIONS = {
  sid: { type: 'string' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
const parsed = (...args: string[]) => {
  const { values, positionals } = parseArguments(args, OPTIONS);
  return { ...values, names: positionals };
};
const ID = 'abcdefghijklmnopqrstu';

describe('an id that begins with a dash, as one in 64 does', () => {
  it.each([
    ['a name', [`-${ID}`], { names: [`-${ID}`] }],
    ['a name with two dashes', [`--${ID}`, '--json'], { json: true, names: [`--${ID}`] }],
    ['the value of an option', ['--sid', `-${ID}`, '--yes'], { sid: `-${ID}`, yes: true, names: [] }],
    ['joined to its option', [`--sid=-${ID}`], { sid: `-${ID}`, names: [] }],
    ['behind --', ['--yes', '--', '-x', '--json'], { yes: true, names: ['-x', '--json'] }],
    ['among others', ['one', `-${ID}`, '--yes', 'two'], { yes: true, names: ['one', `-${ID}`, 'two'] }],
  ])('is %s', (_, args, expected) => expect(parsed(...args)).toEqual(expected));
});

it.each([[['--unknown']], [['-x']], [['--sid']], [['--sid', '--yes']], [['--yes=1']]])('%j is refused as before', (args) => {
  expect(() => parsed(...args)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

it('-h is help', () => expect(parsed('-h')).toEqual({ help: true, names: [] }));
