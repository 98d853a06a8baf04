import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FAMILIES, type Family, type Mutation } from './mutations.ts';

/**
 * `npm run mutate [-- TEXT]`: breaks one line of the egress engine at a time, in a copy, and asks whether
 * the tests notice. Prints a table and exits with 1 if a mutation survives or none was tried. `TEXT` keeps
 * the mutations whose family, file or name contains it.
 */
const ROOT = resolve(import.meta.dirname, '../../..');
const COPIED = ['lambda', 'test', 'package.json', 'tsconfig.json', 'jest.config.js'];
/** One that never ends is noticed too. */
const PATIENCE_MS = 180_000;

const wanted = process.argv[2] ?? '';
const isWanted = ({ name: family }: Family, { name, file }: Mutation): boolean =>
  [family, name, file].some((text) => text.includes(wanted));

function copyOfTheTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

interface JestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * The title of the first test that fails in the copy; null if all pass.
 *
 * @throws Error if the mutated code cannot even run: that any test would notice
 */
function firstFailure(folder: string, tests: readonly string[]): string | null {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
  const options = ['--runInBand', '--silent', '--json', '--outputFile', report];
  const { error } = spawnSync(process.execPath, [...jest, ...options, ...tests], {
    cwd: folder,
    // As often as the deep suite tries: what survives must have survived all of it.
    env: { ...process.env, TEST_DEPTH: 'deep' },
    stdio: 'ignore',
    timeout: PATIENCE_MS,
  });
  if (error !== undefined) return 'does not end';
  if (!existsSync(report)) throw new Error(`The tests ${tests.join(' ')} did not run to their end.`);
  const { success, testResults } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  if (success) return null;
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed');
  const [first] = failed;
  const [message = ''] = first?.failureMessages ?? testResults.map((result) => result.message);
  if (first === undefined || message.includes('ReferenceError'))
    throw new Error(`It does not run: ${message}`);
  return first.title;
}

/** The first test that notices, or null. */
function noticedBy(folder: string, { file, find, replace }: Mutation, tests: readonly string[]) {
  const path = join(folder, 'lambda/egress', file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${file} does not have this once: ${find}`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    for (const pattern of tests) {
      const failure = firstFailure(folder, [pattern]);
      if (failure !== null) return failure;
    }
    return null;
  } finally {
    writeFileSync(path, text);
  }
}

/** Prints a row of the table. @returns whether it is noticed */
function isNoticed(folder: string, { name: family, tests }: Family, mutation: Mutation): boolean {
  const started = performance.now();
  const by = noticedBy(folder, mutation, tests);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const verdict = by === null ? 'SURVIVED' : 'killed';
  const cells = [verdict, family, mutation.name, mutation.file, by ?? '', seconds];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
  return by !== null;
}

const folder = copyOfTheTree();
const results: boolean[] = [];
try {
  for (const family of FAMILIES) {
    const mutations = family.mutations.filter((mutation) => isWanted(family, mutation));
    if (mutations.length === 0) continue;
    // Were they red anyway, every mutation would seem to be noticed.
    const failure = firstFailure(folder, family.tests);
    if (failure !== null) throw new Error(`Without a mutation "${failure}" fails.`);
    results.push(...mutations.map((mutation) => isNoticed(folder, family, mutation)));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const survived = results.filter((noticed) => !noticed).length;
process.stdout.write(`${results.length} mutations, ${survived} survived\n`);
if (results.length === 0 || survived > 0) process.exitCode = 1;
