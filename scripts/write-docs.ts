/** Writes the documentation that follows from the code: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { GENERATED } from './docs/generated.ts';

for (const { path, text } of GENERATED) writeFileSync(new URL(`../${path}`, import.meta.url), text());
