import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import type { SbomPackage } from '../../lambda/sbom/package.ts';
import { readSbom } from '../../lambda/sbom/read-sbom.ts';

const root = resolve(import.meta.dirname, '../..');

const made = (format: string) =>
  readSbom(
    execFileSync('npm', ['sbom', '--sbom-format', format, '--package-lock-only'], {
      cwd: root,
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );

/** Name and version of each package that npm installs, by the lockfile. */
function locked(): ReadonlySet<string> {
  const { packages } = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly name?: string }>>;
  };
  return new Set(
    Object.entries(packages).map(([path, { version, name }]) => {
      const last = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return `${name ?? last}@${version}`;
    }),
  );
}

/** As npm names it: the purls of packages inside of the project. */
const namesIn = (packages: readonly SbomPackage[]): readonly string[] =>
  packages
    .map(({ purl }) => decodeURIComponent((purl ?? '').replace('pkg:npm/', '')))
    .filter((one) => !one.startsWith('eks-drift-auditor@'))
    .sort();

test('what npm lists of this project is read from both of its formats, all of it', () => {
  const [spdx, cyclonedx] = [made('spdx'), made('cyclonedx')];
  const known = locked();
  for (const { packages, problem } of [spdx, cyclonedx]) {
    expect(problem).toBeNull();
    expect(packages.every(({ type }) => type === 'npm')).toBe(true);
    expect(packages.find(({ name }) => name === '@babel/core')).toMatchObject({ namespace: '@babel' });
    expect(namesIn(packages).filter((one) => !known.has(one))).toEqual([]);
  }
  expect(new Set(namesIn(spdx.packages)).size).toBeGreaterThan(300);
  expect(new Set(namesIn(cyclonedx.packages))).toEqual(new Set(namesIn(spdx.packages)));
});
