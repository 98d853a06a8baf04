// The CDK validates each template that it synthesises, for seconds each; `npm run lint:templates` lets it do so once.
process.env['CDK_VALIDATION'] ??= 'false';

/** Unit tests. The end-to-end tests have their own configuration under test/e2e. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/e2e/', '\\.deep\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  // No test is about speed: properties of many cases must not fail on a busy machine.
  testTimeout: 120_000,
  // Tests share no ports and no files: each core takes one file after the other.
  maxWorkers: '100%',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
};
