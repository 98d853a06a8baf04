import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { clusterOf, type EnforcementCase, judge } from './case-cluster.ts';

/** Each file holds rows with their sources; each row is read as a snapshot of a small cluster and judged. */
const FOLDER = join(import.meta.dirname, 'cases');

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const rows = parse(readFileSync(join(FOLDER, file), 'utf8')) as readonly EnforcementCase[];

  test.each(rows.map((row) => [row.case, row] as const))('%s', (_, row) => {
    expect(row.source).toMatch(/^https:\/\/[a-z0-9.-]+\/\S+$/);
    const { enforcement, because = '', reach, says = [], notes = [] } = row.expect;
    const found = judge(clusterOf(row));
    expect({ enforcement: found.enforcement, reach: found.reach }).toEqual({ enforcement, reach });
    expect(found.because).toContain(because);
    for (const part of says) expect(found.says).toContain(part);
    for (const note of notes) expect(found.notes.join('\n')).toContain(note);
  });

  test('the list of cases names no case twice', () => {
    expect(new Set(rows.map((row) => row.case)).size).toBe(rows.length);
  });
});
