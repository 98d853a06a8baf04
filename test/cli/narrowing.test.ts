import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const file = scratchFiles();
const pod = (namespace: string, name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: { template: { spec: { containers: [{ name: 'app', image: 'nginx' }] } } },
});
const manifests = () =>
  file(
    'all.json',
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod('shop', 'web'), pod('bank', 'api')] }),
  );
const audit = (...argv: readonly string[]) =>
  run(['audit', '--snapshot', manifests(), '--now', '2026-11-21T12:00:00Z', ...argv]);
const findingsOf = async (...argv: readonly string[]): Promise<readonly Finding[]> =>
  JSON.parse((await audit('-o', 'json', ...argv)).stdout).findings;

describe('flags that narrow what is shown', () => {
  test('each flag shows exactly the findings that it asks for, several of one kind any of them', async () => {
    const all = await findingsOf();
    const cases: readonly (readonly [readonly string[], (finding: Finding) => boolean])[] = [
      [['-n', 'shop'], ({ workload }) => workload.namespace === 'shop'],
      [['--namespace', 'shop', '-n', 'bank'], () => true],
      [['--check', 'image-tag-mutable'], ({ check }) => check === 'image-tag-mutable'],
      [['--severity', 'high'], ({ severity }) => severity === 'high' || severity === 'critical'],
      [['--status', 'open'], () => false],
      [['--status', 'open', '--status', 'new'], () => true],
      [
        ['-n', 'bank', '--severity', 'critical'],
        (one) => one.workload.namespace === 'bank' && one.severity === 'critical',
      ],
    ];
    for (const [argv, shown] of cases)
      expect([argv, await findingsOf(...argv)]).toEqual([argv, all.filter(shown)]);
  });

  test('every output is narrowed, and the exit code and the verdict are those of the whole', async () => {
    for (const format of ['table', 'json', 'ndjson', 'csv', 'junit', 'sarif']) {
      const { code, stdout } = await audit('-o', format, '-n', 'shop', '--severity', 'low', '--all');
      expect([format, code]).toEqual([format, 1]);
      expect([format, stdout.includes('web'), stdout.includes('api')]).toEqual([format, true, false]);
    }
    const { code, stdout } = await audit('--status', 'fixed');
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED[\s\S]*Exit code 1\./);
    expect(stdout).toMatch(/flags narrow what is shown, and not the verdict/);
  });

  test('what is recorded is the whole', async () => {
    const reports = `${dirname(manifests())}/reports`;
    await audit('--out', reports, '-n', 'shop', '--check', 'image-tag-mutable');
    const again = await findingsOf('--out', reports);
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set(['open']));
    expect(again.length).toBe((await findingsOf()).length);
  });

  test('a gap of the whole audit is shown, and SARIF does not call it a success', async () => {
    const broken = file('broken.yaml', 'a: [1,\nb: {');
    const argv = [
      '--snapshot',
      broken,
      '--severity',
      'critical',
      '--check',
      'image-tag-mutable',
      '-n',
      'shop',
    ];
    const [{ invocations, results }] = JSON.parse((await audit(...argv, '-o', 'sarif')).stdout).runs;
    expect(results).toEqual([]);
    expect(invocations[0].executionSuccessful).toBe(false);
  });

  test.each([
    [['-n', 'shopp'], /There is no namespace "shopp" in what was audited; did you mean "shop"\?/],
    [['-n', 'zzzzzzzzz'], /There is no namespace "zzzzzzzzz" in what was audited; known are bank, shop\./],
    [
      ['--check', 'image-tag-mutabel'],
      /There is no check "image-tag-mutabel"; did you mean "image-tag-mutable"\?/,
    ],
    [['--check', 'zzzzzzzzz'], /There is no check "zzzzzzzzz"; .* checks lists them\./],
    [['--status', 'opne'], /There is no status "opne"; did you mean "open"\?/],
    [['--severity', 'hihg'], /Allowed choices are critical, high, medium, low/],
    [['shop/web', '--check', 'image-tag-mutable'], /Name workloads, or narrow by/],
  ])('%j matches nothing, and is wrong usage that names the nearest', async (argv, message) => {
    const { code, stdout, stderr } = await audit(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
