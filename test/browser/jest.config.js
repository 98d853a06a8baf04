import base from '../../jest.config.js';

/** The report in a real browser. Tests share one browser a file, and are measured: one file after the other. */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
