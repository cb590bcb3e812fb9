/** The direction of imports, as docs/architecture.md draws it. Lowest first; a lib may import its own level and those before it. */
const LEVELS = [
  ['protocol'],
  ['contracts', 'metrics'],
  ['database', 'config', 'http', 'checkpoints', 'embedded-postgres', 'embedded-kafka'],
  ['event-log', 'ephemeral'],
  ['keys', 'sealing', 'clients', 'revocation'],
  ['revocation-host', 'resource-server'],
  ['admin-api'],
  ['audit'],
];

const SPEC = String.raw`(/test/|^test/|/src/testing/|\.(?:spec|fixture)\.ts$)`;
const lib = (names) => `^libs/(?:${names.join('|')})/`;

const downwards = LEVELS.slice(0, -1).map((names, level) => ({
  name: `libs-point-downwards-from-${names[0]}`,
  comment:
    'protocol ← contracts, metrics ← database, config, http, checkpoints ← event-log, ephemeral ← keys, sealing, clients, revocation ← revocation-host, resource-server ← admin-api ← audit',
  severity: 'error',
  from: { path: lib(names) },
  to: { path: lib(LEVELS.slice(level + 1).flat()) },
}));

module.exports = {
  forbidden: [
    ...downwards,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'must-resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-app-imports-an-app',
      comment: 'Services meet over the internal API and the event log only.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-lib-imports-an-app',
      comment: 'libs/testing starts apps for specs; nothing else may look up.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/testing/' },
      to: { path: '^apps/' },
    },
    {
      name: 'a-lib-has-one-entrance',
      comment: 'From outside: #libs/name, which is its index.ts.',
      severity: 'error',
      from: { path: '^(?:apps|libs|scripts|test)/([^/]+)' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', String.raw`^libs/[^/]+/src/index\.ts$`] },
    },
    {
      name: 'the-library-brings-nothing',
      comment:
        'What APIs install imports Node alone; each adapter, its framework, or its types only (scripts/package checks what is published).',
      severity: 'error',
      from: { path: '^libs/(?:resource-server|revocation|keys)/src/', pathNot: [SPEC, '^libs/resource-server/src/adapters/'] },
      to: { path: 'node_modules/|^libs/(?!resource-server/|revocation/|keys/|protocol/|contracts/)' },
    },
    {
      name: 'the-library-knows-no-adapter',
      severity: 'error',
      from: { path: '^libs/resource-server/src/(?!adapters/)', pathNot: SPEC },
      to: { path: '^libs/resource-server/src/adapters/' },
    },
    {
      name: 'inside-import-the-file',
      comment: 'An index imported from inside is how import cycles begin.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/src/', pathNot: SPEC },
      to: { path: String.raw`^$1/$2/src/index\.ts$` },
    },
    {
      name: 'testing-only-from-specs',
      severity: 'error',
      from: { pathNot: [SPEC, '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'embedded-servers-only-from-the-launcher',
      comment: 'Services are given a database and a broker; they never start one.',
      severity: 'error',
      from: { pathNot: ['^scripts/', '^libs/testing/', '^libs/embedded-(?:postgres|kafka)/'] },
      to: { path: '^libs/embedded-(?:postgres|kafka)/' },
    },
    {
      name: 'pure-libs-do-no-io',
      comment: 'The vocabulary, the contracts and the view are functions of their arguments. Traps of tests are armed in a file.',
      severity: 'error',
      from: {
        path: '^libs/(?:protocol|contracts|metrics|revocation|checkpoints)/src/',
        pathNot: [SPEC, '^libs/checkpoints/src/crash-points[.]ts$'],
      },
      to: {
        path: 'node_modules/(?!zod/)|^(?:node:)?(?:fs|net|tls|http|https|http2|child_process|dgram|dns|worker_threads|timers)(?:/|$)',
      },
    },
    {
      name: 'nothing-served-needs-a-dev-dependency',
      severity: 'error',
      from: { path: '^(?:apps|libs)/', pathNot: [SPEC, '^libs/testing/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
