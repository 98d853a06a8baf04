import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package states it. */
  readonly license: string;
  /** The text of its licence and notice files. */
  readonly texts: readonly string[];
}

/**
 * The packages of which these bundles hold code, sorted by name and version.
 * @throws Error of one without a version or a licence: it could not be listed
 */
export async function bundledPackages(bundles: readonly Metafile[]): Promise<readonly BundledPackage[]> {
  const folders = new Set(
    bundles
      .flatMap(({ outputs }) => Object.values(outputs))
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => folderOf(path) ?? []),
  );
  const packages = await Promise.all([...folders].map(readPackage));
  const unique = new Map(packages.map((one) => [`${one.name}@${one.version}`, one]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** `node_modules/a/node_modules/@b/c` of a file in that package. */
const folderOf = (path: string): string | undefined =>
  /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];

async function readPackage(folder: string): Promise<BundledPackage> {
  const {
    name,
    version,
    license: stated,
  } = JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
  const license = stated ?? ONLY_IN_A_FILE.get(name);
  if (typeof version !== 'string' || typeof license !== 'string') {
    throw new Error(`The package in ${folder} gives no version or no licence in its package.json.`);
  }
  const files = (await readdir(join(ROOT, folder))).filter((file) => LEGAL.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, folder, file), 'utf8')));
  return { name, version, license, texts };
}

/** Licences that a package states in its licence file alone, as read there. */
const ONLY_IN_A_FILE: ReadonlyMap<string, string> = new Map([['csv42', 'ISC']]);

const LEGAL = /^(licen[cs]e|notice|copying)/i;
