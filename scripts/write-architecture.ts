/** Writes the table of rooms and the picture in docs/architecture.md from the imports: `npm run docs:architecture`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withArchitecture } from './architecture/document.ts';
import { readSources } from './architecture/imports.ts';

const document = new URL('../docs/architecture.md', import.meta.url);
writeFileSync(document, withArchitecture(readFileSync(document, 'utf8'), readSources()));
