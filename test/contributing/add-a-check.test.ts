import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { runsAsUserZero as check } from './runs-as-user-zero.ts';

/*
 * The first walk of docs/contributing.md: one file and one line of the catalogue in a copy of the tree. Everything else
 * must follow from them.
 */

const root = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'add-a-check-'));
afterAll(() => rmSync(copy, { recursive: true }));

const read = (path: string): string => readFileSync(join(copy, path), 'utf8');
/** As it is in `lambda/checks/writable-layer`. */
const SOURCE = readFileSync(join(import.meta.dirname, 'runs-as-user-zero.ts'), 'utf8').replaceAll(
  '../../lambda/checks/',
  '../',
);

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}
let said: Readonly<Record<'list' | 'explain' | 'accepts' | 'refuses' | 'audit', Said>>;
let exposure: readonly number[];

/** Runs in the copy: the command line, the rank of what it finds, and `npm run docs`. */
const DRIVER = `
import { Readable, PassThrough } from 'node:stream';
import { readFileSync, writeFileSync } from 'node:fs';
import { main } from './lambda/cli/main.ts';
import { rankFindings } from './lambda/run/conclude.ts';
import { GENERATED } from './scripts/docs/generated.ts';
const [commands, id] = JSON.parse(readFileSync('commands.json', 'utf8'));
const said = {};
for (const [name, argv] of Object.entries(commands)) {
  const [stdout, stderr] = [new PassThrough({ highWaterMark: 2 ** 26 }), new PassThrough({ highWaterMark: 2 ** 26 })];
  await main(argv, { stdin: Readable.from([]), stdout, stderr, env: {} });
  said[name] = { stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}
const { findings } = JSON.parse(said.audit.stdout);
const own = findings.filter(({ check }) => check === id);
const exposure = rankFindings([{ findings: own }], Date.now()).map(({ parts }) => parts.exposure);
for (const { path, text } of GENERATED) writeFileSync(path, text());
process.stdout.write(JSON.stringify({ said, exposure }));
`;

beforeAll(async () => {
  const kept = [
    'lambda',
    'lib',
    'scripts',
    'docs',
    'README.md',
    'package.json',
    'tsconfig.json',
    'audit.config.schema.json',
    // The page about operations shows a mail.
    'test/report/golden',
  ];
  for (const name of kept) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'lambda/checks/writable-layer/runs-as-user-zero.ts'), SOURCE);
  const catalogue = join(copy, 'lambda/checks/catalogue.ts');
  writeFileSync(
    catalogue,
    `import { runsAsUserZero } from './writable-layer/runs-as-user-zero.ts';\n${readFileSync(catalogue, 'utf8').replace('  debugContainerAttached,\n', '  debugContainerAttached,\n  runsAsUserZero,\n')}`,
  );
  writeFileSync(join(copy, 'good.yaml'), `checks: { ${check.id}: low }\n`);
  writeFileSync(join(copy, 'bad.yaml'), 'checks: { runs-as-user-zer: low }\n');
  writeFileSync(join(copy, 'pod.yaml'), POD);
  const commands = {
    list: ['checks'],
    explain: ['checks', 'explain', check.id],
    accepts: ['config', 'validate', 'good.yaml'],
    refuses: ['config', 'validate', 'bad.yaml'],
    audit: ['audit', '--snapshot', 'pod.yaml', '--config', 'good.yaml', '-o', 'json'],
  };
  writeFileSync(join(copy, 'commands.json'), JSON.stringify([commands, check.id]));
  writeFileSync(join(copy, 'driver.ts'), DRIVER);
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [tsx, 'driver.ts'], {
    cwd: copy,
    maxBuffer: 2 ** 26,
  });
  ({ said, exposure } = JSON.parse(stdout));
});

const POD = `apiVersion: v1
kind: Pod
metadata: { name: app, namespace: shop }
${check.examples[0]?.pod?.replace('spec: {', 'spec: { containers: [{ name: app, image: "app:1" }],')}
`;

describe('a check that is one file and one line of the catalogue', () => {
  test('is listed and explained with its examples', () => {
    expect(said.list.stdout).toContain(check.id);
    for (const part of [check.title, check.remediation, 'user 0: fails']) {
      expect(said.explain.stdout).toContain(part);
    }
  });

  test('is known to the configuration, which names it for a slip of the pen', () => {
    expect(said.accepts.stderr + said.accepts.stdout).not.toContain(check.id);
    expect(said.refuses.stderr + said.refuses.stdout).toContain(`did you mean "${check.id}"`);
    expect(parse(read('audit.config.schema.json')).properties.checks.anyOf[0].properties).toHaveProperty(
      check.id,
    );
  });

  test('judges, with the severity of the configuration, and counts in the rank', () => {
    const { findings } = JSON.parse(said.audit.stdout);
    const own = findings.filter((finding: { readonly check: string }) => finding.check === check.id);
    expect(own).toMatchObject([
      { severity: 'low', container: 'app', controls: [expect.stringMatching(/^NSA-CISA/)] },
    ]);
    // A fifth of the most, which is 150.
    expect(exposure).toEqual([30]);
  });

  test('is documented by npm run docs: page, controls and README', () => {
    expect(read('docs/checks.md')).toContain(`### ${check.id}`);
    expect(read('docs/controls.md')).toContain(`| \`${check.id}\` | NSA-CISA`);
    expect(read('README.md')).toContain(`docs/checks.md#${check.id}`);
    expect(read('docs/config.md')).toContain(`checks.${check.id}`);
  });

  test('is shown in docs/contributing.md as it is tried here', () => {
    expect(readFileSync(join(root, 'docs/contributing.md'), 'utf8')).toContain(SOURCE.trim());
  });
});
