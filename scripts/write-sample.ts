/** Writes the embedded sample from the builders of its fleet, where it is not current: `npm run sample`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { recordSample, SAMPLE_TAKEN_AT } from '../test/sample/record-sample.ts';

const file = new URL('../lambda/sample/fleet.snapshot', import.meta.url);
const recorded = await recordSample(SAMPLE_TAKEN_AT);
const current = existsSync(file) && gunzipSync(readFileSync(file)).toString('utf8') === recorded;
if (!current) writeFileSync(file, gzipSync(recorded, { level: 9 }));
console.error(current ? 'the embedded sample is current' : 'wrote lambda/sample/fleet.snapshot');
