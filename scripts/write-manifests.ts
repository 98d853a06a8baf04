/** Writes the plain files in `manifests/` from the code: `npm run manifests`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { manifestFiles } from '../lambda/access/files.ts';
import { memberTemplate } from '../lib/member-template.ts';

const folder = new URL('../manifests/', import.meta.url);
mkdirSync(folder, { recursive: true });
const files = { ...manifestFiles(), 'member-template.yaml': memberTemplate() };
for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, folder), text);
