import { describe, expect, test } from '@jest/globals';
import {
  type Manifest,
  manifestOf,
  manifestText,
  parseManifest,
  sha256Of,
  verifyChain,
  verifyManifest,
} from '../../lambda/store/manifest.ts';
import { aRun } from '../report/builders.ts';

const stored = (key: string, content: string) => ({ key, bytes: content.length, sha256: sha256Of(content) });

const OBJECTS = [stored('runs/x/summary.json', '{}'), stored('runs/x/digest.txt', 'hello')];
const observed = (...objects: readonly ReturnType<typeof stored>[]) =>
  new Map(objects.map((object) => [object.key, object]));

describe('a manifest', () => {
  const manifest = manifestOf(aRun(), OBJECTS, null);

  test('a manifest is read back as it was written, with its objects sorted', () => {
    const read = parseManifest(manifestText(manifest));
    expect(read).toEqual(manifest);
    expect(read.objects.map(({ key }) => key)).toEqual(['runs/x/digest.txt', 'runs/x/summary.json']);
  });

  test('a manifest finds nothing wrong with the objects that it names', () => {
    expect(verifyManifest(manifest, observed(...OBJECTS))).toEqual([]);
  });

  test('a manifest shows a changed, a missing and an added object', () => {
    const found = observed(stored('runs/x/digest.txt', 'hullo'), stored('runs/x/extra.txt', ''));
    expect(verifyManifest(manifest, found).map(({ key, problem }) => [key, problem])).toEqual([
      ['runs/x/digest.txt', 'changed'],
      ['runs/x/extra.txt', 'added'],
      ['runs/x/summary.json', 'missing'],
    ]);
  });

  test('an invalid manifest is refused in a sentence', () => {
    for (const text of ['', '{}', '[]', manifestText(manifest).replace(/"sha256":"../, '"sha256":"zz')]) {
      expect(() => parseManifest(text)).toThrow('The manifest is not one that eks-drift-audit wrote.');
    }
  });
});

describe('a chain of manifests', () => {
  const link = (id: string, before: { sha256: string } | null) => {
    const manifest: Manifest = {
      ...manifestOf(aRun(), [], before && { run: 'before', sha256: before.sha256 }),
      run: { ...aRun().run, id },
    };
    return { manifest, sha256: sha256Of(manifestText(manifest)) };
  };
  const first = link('1', null);
  const second = link('2', first);
  const third = link('3', second);

  test('a chain of manifests is valid while each names the hash of the previous one', () => {
    expect(verifyChain([first, second, third])).toEqual([]);
  });

  test('a chain of manifests breaks where a run was removed or rewritten', () => {
    expect(verifyChain([first, third])).toHaveLength(1);
    expect(verifyChain([link('1 rewritten', null), second, third])).toHaveLength(1);
  });

  test('a chain of manifests is valid in any order, and when only its end is available', () => {
    expect(verifyChain([third, first, second])).toEqual([]);
    expect(verifyChain([second, third])).toEqual([]);
  });

  test('a chain of manifests breaks where two manifests name the same previous one, since one between them may be gone', () => {
    expect(verifyChain([first, second, link('2b', first)])).toHaveLength(1);
  });
});
