/** Writes the plain files in `manifests/` from the rules in the code: `npx tsx scripts/write-manifests.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { manifestFiles } from '../lambda/access/files.ts';

const folder = new URL('../manifests/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(manifestFiles())) writeFileSync(new URL(name, folder), text);
