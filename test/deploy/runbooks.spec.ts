import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '#libs/config';
import { METRICS } from '#libs/metrics';
import { COMMANDS } from '../../scripts/cli/commands.js';
import { parseArguments } from '../../scripts/cli/parse-arguments.js';
import { ROLE_URL } from '../../scripts/container/database-urls.js';
import { ROOT, textOf } from './compose-file.js';

/** The pages that are read at three in the morning: each command in them can be typed, each metric and variable is one that there is. */
const PAGES = [...readdirSync(join(ROOT, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`), 'docs/scaling.md'];
const RUNBOOKS = PAGES.filter((page) => page.startsWith('docs/runbooks/') && !page.endsWith('README.md'));

const known = (name: string) =>
  Object.keys(METRICS).some((metric) => name === metric || new RegExp(`^${metric}_(?:bucket|count|sum)$`).test(name));
const VARIABLES = new Set([
  ...ENVIRONMENT.flatMap(({ name }) => [name, `${name}_FILE`]),
  ...Object.values(ROLE_URL).flatMap((name) => [name, `${name}_FILE`]),
  ...['LANYARD_ISSUER', 'LANYARD_CLIENT_ID', 'LANYARD_CLIENT_SECRET', 'LANYARD_KEK_NEXT', 'LANYARD_SEALING_KEK_NEXT'],
]);

describe.each(PAGES)('%s', (page) => {
  const text = textOf(page);

  it('types only commands of the command line, with options that they take', () => {
    const lines = text.split('\n').flatMap((line) => /^ {4}lanyard (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? []);
    const inline = [...text.matchAll(/`lanyard ([^`]+)`/g)].map(([, typed = '']) => typed);
    for (const typed of [...lines, ...inline]) {
      const words = typed.split(/\s+/);
      const command = COMMANDS.find(({ name }) => name.split(' ').every((word, index) => words[index] === word));
      expect([typed, command?.name]).toEqual([typed, expect.any(String)]);
      const rest = words.slice(command?.name.split(' ').length);
      const options = { ...command?.options, json: { type: 'boolean' } } as Parameters<typeof parseArguments>[1];
      expect(() => parseArguments(rest, options)).not.toThrow();
    }
  });

  it('names only metrics and variables that there are, and pages that can be opened', () => {
    const metrics = [...text.matchAll(/`(lanyard_\w+)(?:\{[^`]*)?`/g)].map(([, name = '']) => name);
    expect(metrics.filter((name) => !known(name) && !/^lanyard_(?:auth|token|session|introspect|log)$/.test(name))).toEqual([]);
    const variables = [...text.matchAll(/`(LANYARD_\w+|[A-Z]*_?DATABASE_URL)`/g)].map(([, name = '']) => name);
    expect(variables.filter((name) => !VARIABLES.has(name))).toEqual([]);
    const links = [...text.matchAll(/\]\(([^)#]+\.md)[^)]*\)/g)].map(([, link = '']) => link);
    expect(links.map((link) => textOf(join(page, '..', link)).length > 0).every(Boolean)).toBe(true);
  });
});

it('the table of pages names exactly the alerts that lead to each', () => {
  const blocks = textOf('deploy/prometheus/alerts.yml').split('- alert: ').slice(1);
  const led = blocks.flatMap((block) => {
    const page = /runbook: docs\/runbooks\/(\S+)/.exec(block)?.[1];
    return page ? [`${page} ${block.split('\n')[0]}`] : [];
  });
  const rows = [...textOf('docs/runbooks/README.md').matchAll(/^\| \[[^\]]*\]\((\S+)\) \| (Lanyard.*) \|$/gm)];
  const listed = rows.flatMap(([, page, names = '']) => names.split(', ').map((name) => `${page} ${name}`));
  expect(led.length).toBeGreaterThan(10);
  expect(listed.toSorted()).toEqual(led.toSorted());
});

describe.each(RUNBOOKS)('%s', (page) => {
  it('says what is seen, what users notice, what holds, what to do and how to see that it is over', () => {
    const headings = [...textOf(page).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['What is seen', 'What users notice', 'What holds', 'What to do', 'How to see that it is over']);
  });
});
