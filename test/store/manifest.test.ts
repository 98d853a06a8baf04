import { describe, expect, test } from '@jest/globals';
import {
  manifestOf,
  manifestText,
  parseManifest,
  sha256Of,
  verifyManifest,
} from '../../lambda/store/manifest.ts';
import { aRun } from '../report/builders.ts';

const stored = (key: string, content: string) => ({ key, bytes: content.length, sha256: sha256Of(content) });

const OBJECTS = [stored('runs/x/summary.json', '{}'), stored('runs/x/digest.txt', 'hello')];
const PARTS = {
  objects: OBJECTS,
  previous: null,
  sequence: 1,
  tool: { version: '1.2.3', bundleSha256: null },
  signingKey: null,
};
const observed = (...objects: readonly ReturnType<typeof stored>[]) =>
  new Map(objects.map((object) => [object.key, object]));

describe('a manifest', () => {
  const manifest = manifestOf(aRun(), PARTS);

  test('a manifest is read back as it was written, with its objects sorted', () => {
    const read = parseManifest(manifestText(manifest));
    const { manifestVersion, ...content } = manifest;
    expect([manifestVersion, read]).toEqual([2, content]);
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

  test('a manifest says its number, its configuration, what made it and the key that signs it', () => {
    const signed = manifestOf(aRun(), { ...PARTS, sequence: 7, signingKey: 'arn:aws:kms:eu-west-1:1:key/k' });
    expect(parseManifest(manifestText(signed))).toMatchObject({
      sequence: 7,
      configSha256: aRun().run.config,
      tool: { version: '1.2.3', bundleSha256: null },
      signingKey: 'arn:aws:kms:eu-west-1:1:key/k',
    });
  });

  test('a manifest of the form before runs were numbered is still read, as neither numbered nor signed', () => {
    const { run, objects } = manifest;
    const text = JSON.stringify({ run, previous: null, objects });
    expect(parseManifest(text)).toMatchObject({ sequence: null, signingKey: null, objects });
    expect(() => parseManifest(JSON.stringify({ run, previous: null, objects, sequence: 1 }))).toThrow(
      'The manifest is not one',
    );
  });

  test('an invalid manifest is refused in a sentence', () => {
    for (const text of ['', '{}', '[]', manifestText(manifest).replace(/"sha256":"../, '"sha256":"zz')]) {
      expect(() => parseManifest(text)).toThrow('The manifest is not one that eks-drift-audit wrote.');
    }
  });
});
