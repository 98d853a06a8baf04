// The CDK validates each template that it synthesises, for seconds each; `npm run lint:templates` lets it do so once.
process.env['CDK_VALIDATION'] ??= 'false';

/** Unit tests. The end-to-end tests and those in a browser have their own configurations, under test/e2e and test/browser. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/e2e/', '/test/browser/', '\\.deep\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  // Against hanging alone: no test is about speed, and properties of many cases must not fail on a busy machine.
  testTimeout: 600_000,
  // Tests share no ports and no files: each core takes one file after the other.
  maxWorkers: '100%',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
};
