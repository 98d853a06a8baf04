import { describe, expect, test } from '@jest/globals';
import { segmentsOf } from '../../lambda/history/chain-of-records.ts';
import type { StoredRecord } from '../../lambda/history/records.ts';
import { sequencePoints } from '../../lambda/history/verify/sequence.ts';
import { manifestOf, manifestText, parseManifest, sha256Of } from '../../lambda/store/manifest.ts';
import { aRun } from '../report/builders.ts';

const link = (id: string, before: StoredRecord | null, number?: number): StoredRecord => {
  const previous = before && { run: before.manifest.run.id, sha256: before.sha256 };
  const sequence = number ?? (before?.manifest.sequence ?? 0) + 1;
  const tool = { version: '1.2.3', bundleSha256: null };
  const run = { ...aRun(), run: { ...aRun().run, id } };
  const text = manifestText(manifestOf(run, { objects: [], previous, sequence, tool, signingKey: null }));
  return {
    folder: `runs/${id}`,
    bytes: Buffer.from(text),
    sha256: sha256Of(text),
    manifest: parseManifest(text),
  };
};

const first = link('1', null);
const second = link('2', first);
const third = link('3', second);

const problems = (...records: readonly StoredRecord[]): readonly string[] =>
  sequencePoints(segmentsOf(records), []).flatMap(({ outcome, message }) =>
    outcome === 'pass' ? [] : [message],
  );

describe('a chain of records', () => {
  test('a chain has no hole while each record names the hash of the one before, in whatever order they are listed', () => {
    expect(problems(first, second, third)).toEqual([]);
    expect(problems(third, first, second)).toEqual([]);
    expect(segmentsOf([third, first, second]).map(({ records }) => records)).toEqual([
      [first, second, third],
    ]);
  });

  test('the end of a chain alone has no hole; what was before it is asked elsewhere', () => {
    expect(problems(second, third)).toEqual([]);
  });

  test('a record that is missing between two others is named by its number', () => {
    expect(problems(first, third)).toEqual([
      'Record 3 (run 3) does not continue record 1 (run 1): it names run 2 as it was; record 2 is missing.',
    ]);
  });

  test('a record that was rewritten breaks the chain after it', () => {
    expect(problems(link('1 rewritten', null), second, third)).toEqual([
      'Record 2 (run 2) does not continue record 1 (run 1 rewritten): it names run 1 as it was; a run between them was deleted, or one of them was changed.',
    ]);
  });

  test('two records that continue the same one are said, since one of them was added', () => {
    expect(problems(first, second, link('2b', first))).toHaveLength(1);
  });

  test('a record with another number than the next one is said', () => {
    expect(problems(first, link('2', first, 7))).toEqual(['Run 2 has the number 7 instead of 2.']);
  });

  test('no record before the first one is named by two of them', () => {
    expect(problems(first, link('other', null))).toHaveLength(1);
  });
});
