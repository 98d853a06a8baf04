import { readFileSync } from 'node:fs';

/**
 * The bytes of the embedded sample, which `npm run sample` writes. The build puts them into the one file of the
 * command line, in the place of this module (scripts/build/bundle-cli.ts).
 */
export const sampleFile = (): Buffer => readFileSync(new URL('./fleet.snapshot', import.meta.url));
