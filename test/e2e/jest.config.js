// As in the unit tests: templates are validated by `npm run lint:templates`.
process.env['CDK_VALIDATION'] ??= 'false';

/** End-to-end tests: real servers on loopback, one test file after the other. */
export default {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: ['**/*.e2e.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Against hanging alone: on a busy machine pods of a real node take minutes.
  testTimeout: 600_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
};
