import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { keysOf } from '../../lambda/sbom/names.ts';
import { keyOfQuery, matchPackage, parseQuery } from '../../lambda/sbom/query.ts';
import { readSbom } from '../../lambda/sbom/read-sbom.ts';

/** See syft/README.md for how they were made. */
const read = (file: string) => readSbom(readFileSync(resolve(import.meta.dirname, 'syft', file)));

const listed = (file: string): readonly string[] =>
  read(file)
    .packages.filter(({ type }) => type !== null && type !== 'oci')
    .map(({ type, purlName, version }) => `${type} ${purlName} ${version}`)
    .sort();

const FOLDER = [
  'gem rack 2.2.3',
  'golang v4 v4.0.1',
  'maven app 1.0',
  'maven log4j-core 2.14.1',
  'npm app 1.0.0',
  'npm lodash 4.17.20',
  'nuget Newtonsoft.Json 13.0.1',
  'pypi torch 2.0.1+cu118',
];

describe('what Syft writes', () => {
  test.each([
    ['folder.spdx-2.2.json', 'SPDX 2.2'],
    ['folder.spdx-2.3.json', 'SPDX 2.3'],
    ['folder.cyclonedx-1.4.json', 'CycloneDX 1.4'],
    ['folder.cyclonedx-1.6.json', 'CycloneDX 1.6'],
  ])('%s is read whole', (file, title) => {
    expect(read(file)).toMatchObject({ title, problem: null });
    expect(listed(file)).toEqual(FOLDER);
  });

  test.each([['image.spdx-2.3.json'], ['image.cyclonedx-1.7.json']])('%s is read whole', (file) => {
    expect(read(file).problem).toBeNull();
    expect(listed(file)).toEqual([
      'deb libssl3 3.0.11-1~deb12u2',
      'deb zlib1g 1:1.2.13.dfsg-1',
      'npm core 7.0.0',
      'npm lodash 4.17.20',
      'pypi torch 2.0.1+cu118',
    ]);
  });

  test('its own format is recognised, and cannot be searched', () => {
    expect(read('folder.syft.json')).toMatchObject({
      title: "Syft's own JSON",
      packages: [],
      problem: { kind: 'unknown-format' },
    });
  });

  test.each([['nothing.spdx-2.3.json'], ['nothing.cyclonedx-1.7.json']])(
    '%s: that nothing was found is no proof that there is nothing',
    (file) => {
      expect(read(file).problem?.kind).toBe('no-packages');
    },
  );

  test('its SPDX names the image of the platform that it read, its CycloneDX the tag alone', () => {
    expect(read('image.spdx-2.3.json').describes).toEqual({
      digests: ['sha256:993f6b57119a9f6f3b925eaa2065916d67be501037e7d0e918a1cdb022d942b2'],
      architectures: ['arm64'],
    });
    expect(read('image.cyclonedx-1.7.json').describes).toEqual({ digests: [], architectures: [] });
  });

  test.each([
    ['log4j-core@<2.17.1', 'folder', 'log4j-core'],
    ['org.apache.logging.log4j:log4j-core@2.14.1', 'folder', 'log4j-core'],
    ['lodash@<4.17.21', 'folder', 'lodash'],
    ['torch@2.0.1', 'folder', 'torch'],
    ['github.com/go-jose/go-jose@<4.0.5', 'folder', 'github.com/go-jose/go-jose/v4'],
    ['newtonsoft.json@<13.0.2', 'folder', 'Newtonsoft.Json'],
    ['rack@<2.2.4', 'folder', 'rack'],
    ['openssl@<3.0.13', 'image', 'libssl3'],
    ['zlib@1.2.13', 'image', 'zlib1g'],
    ['@babel/core@<7.23.2', 'image', '@babel/core'],
  ])('%s finds it in either format', (text, what, name) => {
    const query = parseQuery(text);
    if (typeof query === 'string') throw new Error(query);
    for (const file of [`${what}.spdx-2.3.json`, `${what}.cyclonedx-1.${what === 'image' ? 7 : 6}.json`]) {
      const found = read(file).packages.filter(
        (one) => keysOf(one).includes(keyOfQuery(query)) && matchPackage(query, one) === 'yes',
      );
      expect(found).toHaveLength(1);
      expect(found[0]?.name.endsWith(name)).toBe(true);
    }
  });
});
