/** True in `npm run test:deep`, which runs every test file that imports this one. What only many cases show is expected there alone. */
export const DEEP = process.env['TEST_DEPTH'] === 'deep';

/** How often a property is tried: `deep` times in `npm run test:deep`, a fifth of that in `npm test`. */
export const runs = (deep: number): number => (DEEP ? deep : Math.ceil(deep / 5));

/** Which of many like cases are tried: each in `npm run test:deep`, each n-th in `npm test`. */
export const every = (n: number): number => (DEEP ? 1 : n);
