import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { checkConfig } from '../../lambda/config/load.ts';
import { NO_OWNER_YET } from '../../lambda/config/schema-accepted.ts';
import { applyExemptions } from '../../lambda/exemptions/exemptions.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { baselineOf } from '../../lambda/report/baseline.ts';
import { aCluster, aFinding, anAudited, aRun } from '../report/builders.ts';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const NOW = '2026-11-21T12:00:00Z';
const file = scratchFiles();
const pod = (name: string, container = 'app') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { template: { spec: { containers: [{ name: container, image: 'nginx' }] } } },
});
const snapshot = (name: string, ...objects: readonly object[]) =>
  file(name, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
const audit = (...argv: readonly string[]) => run(['audit', '--now', NOW, ...argv]);
const findingsOf = (stdout: string): readonly Finding[] => JSON.parse(stdout).findings;

describe('a baseline', () => {
  test('a baseline is refused until its owners are filled in; then nothing counts but what is new', async () => {
    const before = snapshot('before.json', pod('web'));
    const baseline = join(dirname(before), 'baseline.yaml');
    const first = await audit('--snapshot', before, '-o', 'json', '--write-exemptions', baseline);
    expect(first.code).toBe(1);
    const found = findingsOf(first.stdout);
    expect(first.stderr).toContain(`has ${found.length} exemptions. Replace each owner in it`);
    const text = readFileSync(baseline, 'utf8');
    expect(text).toContain('reason: "baseline of 2026-11-21: not reviewed"');
    expect(text).toContain('expires: "2027-02-19"');

    const refused = await run(['config', 'validate', baseline]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/exemptions\[0\]\.owner.*is the placeholder of a baseline/);
    expect((await audit('--snapshot', before, '--config', baseline)).code).toBe(2);

    writeFileSync(baseline, text.replaceAll(`"${NO_OWNER_YET}"`, 'shop@example.com'));
    expect((await run(['config', 'validate', baseline])).code).toBe(0);
    const again = await audit('--snapshot', before, '-o', 'json', '--config', baseline, '--fail-on', 'low');
    expect(findingsOf(again.stdout).map(({ status }) => status)).toEqual(found.map(() => 'exempt'));
    expect(again.code).toBe(0);

    const after = snapshot('after.json', pod('web'), pod('other'));
    const more = await audit('--snapshot', after, '-o', 'json', '--config', baseline);
    const fresh = findingsOf(more.stdout).filter(({ status }) => status !== 'exempt');
    expect(new Set(fresh.map(({ workload }) => workload.name))).toEqual(new Set(['other']));
    expect(more.code).toBe(1);
    const late = ['audit', '--snapshot', before, '--config', baseline, '--now', '2027-02-20T00:00:00Z'];
    expect((await run(late)).code).toBe(1);
  });

  test('a baseline does not overwrite a file, and does not change what the audit says', async () => {
    const manifests = snapshot('kept.json', pod('web'));
    const kept = file('kept.yaml', '# filled in');
    const { code, stdout, stderr } = await audit('--snapshot', manifests, '--write-exemptions', kept);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/does not overwrite/);
    expect(readFileSync(kept, 'utf8')).toBe('# filled in');
    const nowhere = join(dirname(kept), 'none', 'b.yaml');
    const unwritten = await audit('--snapshot', manifests, '-o', 'json', '--write-exemptions', nowhere);
    expect(unwritten.code).toBe(5);
    expect(findingsOf(unwritten.stdout).length).toBeGreaterThan(0);
    expect(existsSync(nowhere)).toBe(false);
  });

  test('what was not evaluated stays not evaluated with a baseline', async () => {
    const broken = file('broken.yaml', 'a: [1,\nb: {');
    const manifests = snapshot('beside.json', pod('web'));
    const baseline = join(dirname(broken), 'gaps.yaml');
    const both = ['--snapshot', manifests, '--snapshot', broken];
    await audit(...both, '--write-exemptions', baseline);
    const text = readFileSync(baseline, 'utf8');
    expect(text).toMatch(/could not be decided, which no exemption covers/);
    writeFileSync(baseline, text.replaceAll(`"${NO_OWNER_YET}"`, 'shop@example.com'));
    expect((await audit(...both, '--config', baseline, '--allow-incomplete')).code).toBe(3);
  });
});

const NAMES = fc.oneof(
  fc.constantFrom('web', 'a', 'web-1', 'migrate-*', '*', 'w?b', 'a b', '', '\n- x: y'),
  fc.string(),
);
const anyFinding = fc
  .record({
    check: fc.constantFrom(...CHECK_IDS),
    status: fc.constantFrom('new' as const, 'open' as const, 'exempt' as const, 'gone' as const),
    namespace: NAMES,
    name: NAMES,
    container: fc.option(NAMES, { nil: null }),
    cluster: fc.constantFrom(aCluster('a'), aCluster('b'), { ...aCluster('c'), arn: null }),
  })
  .map(aFinding);

test('a baseline covers each open finding that it counts, and none of another workload', () => {
  const now = Date.parse(NOW);
  fc.assert(
    fc.property(
      fc.array(anyFinding, { maxLength: 12 }),
      fc.array(anyFinding, { maxLength: 12 }),
      (old, others) => {
        const { text, entries, left } = baselineOf(aRun([anAudited(aCluster(), old)]), now);
        const open = old.filter(({ status }) => status === 'new' || status === 'open');
        expect(entries + left).toBe(open.length);
        const { config, problems } = checkConfig(text.replaceAll(NO_OWNER_YET, 'a@example.com'), CHECK_IDS);
        expect(problems).toEqual([]);
        if (config === null) throw new Error('It is not valid.');
        const stillOpen = (findings: readonly Finding[]) =>
          applyExemptions(findings, config.exemptions, { now }).findings.filter(
            ({ status }) => status === 'new' || status === 'open',
          );
        expect(stillOpen(open).length).toBeLessThanOrEqual(left);
        const known = (one: Finding) =>
          open.some(
            ({ check, cluster, workload }) =>
              check === one.check &&
              cluster.name === one.cluster.name &&
              workload.namespace === one.workload.namespace &&
              (workload.name === one.workload.name || /.-\*$/.test(workload.name)),
          );
        const fresh = others.filter((one) => (one.status === 'new' || one.status === 'open') && !known(one));
        const ids = new Set(stillOpen(fresh).map(({ id }) => id));
        expect(fresh.filter(({ id }) => !ids.has(id))).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
