/** Writes `audit.config.schema.json` from the schema in the code: `npx tsx scripts/write-config-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { CHECK_IDS } from '../lambda/checks/catalogue.ts';
import { configSchemaText } from '../lambda/config/schema-document.ts';

writeFileSync(new URL('../audit.config.schema.json', import.meta.url), configSchemaText(CHECK_IDS));
