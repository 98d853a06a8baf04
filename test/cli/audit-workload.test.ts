import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from './run.ts';

const NOW = '2026-11-29T12:00:00Z';
const SAMPLE = ['audit', '--sample', '--now', NOW];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function manifests(...documents: readonly object[]): readonly string[] {
  const path = join(folder, 'app.json');
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents }));
  return ['audit', '--snapshot', path];
}

const volumeOf = (path: string): string => path.slice(1).replaceAll('/', '-');
const mountOf = (path: string): object => ({ name: volumeOf(path), mountPath: path });
const hostPathOf = (path: string): object => ({ name: volumeOf(path), hostPath: { path } });

const deployment = (name: string, container: object = {}, volumes: readonly object[] = []): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { volumes, containers: [{ name: 'app', image: `r.example/${name}:1.4.2`, ...container }] },
    },
  },
});

const closed = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed', namespace: 'shop' },
  spec: { podSelector: {}, policyTypes: ['Egress'] },
};

describe('audit NAMESPACE/NAME', () => {
  test('a workload is answered as a whole: why, what it means, what to change, how to check, who else', async () => {
    const { stdout } = await run([...SAMPLE, 'legacy/erp-monolith']);
    const headings = stdout
      .split('\n')
      .flatMap((line) => /^(?<title>[A-Z][A-Z ]+?) {2}/.exec(line)?.groups?.['title'] ?? []);
    expect(headings).toEqual([
      'WHAT IS WRONG',
      'WHAT IT MEANS',
      'WHAT TO CHANGE',
      'HOW TO CHECK',
      'WHO ELSE',
      'NOT DECIDED',
    ]);
    expect(stdout).toContain('3. namespace legacy: no egress policy (5 findings, and those of');
    expect(stdout).toContain('evidence: pod: erp-monolith-grt6j6nfb2-4pn97, inodes: 2934,');
    expect(stdout).toContain('readOnlyRootFilesystem: true');
    expect(stdout).toContain('eks-drift-audit audit --sample legacy/Deployment/erp-monolith');
    expect(stdout).toMatch(/kubectl --context arn:\S+:cluster\/shop-prod -n legacy exec erp-monolith-/);
  });

  test('each fact is said once: what follows from it is only named', async () => {
    const { stdout } = await run([...SAMPLE, 'legacy/erp-monolith']);
    expect(stdout.match(/Can reach all public IPv4 addresses/g)).toHaveLength(1);
    expect(stdout).not.toContain('on TCP 21');
    expect(stdout.match(/may run as root/g)).toHaveLength(1);
  });

  test('the exit code is that of the whole audit, whatever part of it is shown', async () => {
    const whole = await run(manifests(deployment('web'), deployment('good', HARDENED)));
    const part = await run([...manifests(deployment('web'), deployment('good', HARDENED)), 'shop/good']);
    expect(whole.code).toBe(1);
    expect(part.code).toBe(1);
    expect(part.stdout).not.toContain('shop/Deployment/web:');
  });

  test('a kind tells workloads of one name apart, and a namespace stands for all in it', async () => {
    const files = manifests(deployment('web'), { ...deployment('web'), kind: 'StatefulSet' });
    const one = await run([...files, 'shop/StatefulSet/web']);
    expect(one.stdout).toMatch(/^shop\/StatefulSet\/web\n/);
    expect(one.stdout).toContain('1 workload of it is shown');
    const both = await run([...files, 'shop/']);
    expect(both.stdout).toMatch(/^shop\/Deployment\/web\n/);
    expect(both.stdout).toContain('2 workloads of it are shown');
  });

  test('a workload without findings is said to be one, and not to be missing', async () => {
    const { stdout } = await run([
      ...manifests(deployment('good', HARDENED), closed),
      'shop/good',
      '--fail-on',
      'low',
    ]);
    expect(stdout).toContain('✓ Nothing is wrong with it.');
    expect(stdout).not.toContain('WHAT TO CHANGE');
  });

  test('what could not be decided is said, and is no all clear', async () => {
    const { stdout, code } = await run([...SAMPLE, 'etl/sessionize', '--fail-on', 'never']);
    expect(stdout).toContain('6 verdicts about it could not be decided');
    expect(stdout).toContain('NOT DECIDED');
    expect(stdout).toContain('→ Grant it the verb list on the resource "networkpolicies"');
    expect(code).toBe(3);
  });

  test.each([
    { asked: 'legacy/erp-monolit', answer: 'did you mean legacy/erp-monolith?' },
    { asked: 'legcy/erp-monolith', answer: 'did you mean legacy/Deployment/erp-monolith?' },
    { asked: 'legacy/StatefulSet/erp-monolith', answer: 'did you mean legacy/Deployment/erp-monolith?' },
    { asked: 'legcy/', answer: 'did you mean legacy/?' },
    {
      asked: 'legacy/zzzzzzzz',
      answer: 'eks-drift-audit audit --sample legacy/ shows all of that namespace',
    },
    { asked: 'nowhere/zzzzzzzz', answer: 'no workload of namespace nowhere was read' },
    { asked: 'erp-monolith', answer: 'write NAMESPACE/NAME' },
  ])(
    'a workload that is not there ($asked) is an error that says what may be meant',
    async ({ asked, answer }) => {
      const { code, stdout, stderr } = await run([...SAMPLE, asked]);
      expect(stderr).toContain(answer);
      expect(code).toBe(2);
      expect(stdout).toBe('');
    },
  );

  test('data outputs hold the rows of the workload, and the totals of the whole', async () => {
    const { stdout } = await run([...SAMPLE, 'legacy/erp-monolith', '-o', 'json']);
    const document = JSON.parse(stdout);
    const names = new Set(document.findings.map((row: { workload: { name: string } }) => row.workload.name));
    expect([...names]).toEqual(['erp-monolith']);
    expect(document.clusters).toHaveLength(2);
    const lines = (await run([...SAMPLE, 'legacy/erp-monolith', '-o', 'ndjson'])).stdout.trim().split('\n');
    expect(lines).toHaveLength(document.findings.length);
  });

  test('since when is said where there was an earlier run', async () => {
    const files = [...manifests(deployment('web')), '--out', join(folder, 'reports')];
    await run([...files, '--now', '2026-11-20T12:00:00Z']);
    const later = await run([...files, '--now', NOW, 'shop/web']);
    expect(later.stdout).toContain('egress-unrestricted, high, since 2026-11-20');
    expect(later.stdout).not.toContain('Since when is not known');
  });

  test('what became worse since the last run is said with the finding, also of an exempt one', async () => {
    const [config, reports] = [join(folder, 'config.yaml'), join(folder, 'reports')];
    const exempt = (check: string) =>
      `exemptions:\n  - { check: ${check}, reason: agreed, owner: team, expires: 2026-12-31 }\n`;
    const audit = async (paths: readonly string[], exempted = '') => {
      writeFileSync(config, exempted);
      return run([
        ...manifests(deployment('web', { volumeMounts: paths.map(mountOf) }, paths.map(hostPathOf))),
        ...['--config', config, '--out', reports, '--now', NOW, 'shop/web'],
      ]);
    };
    await audit(['/data']);
    const worse = await audit(['/data', '/var/log']);
    expect(worse.stdout).toMatch(/^ {12}changed since the last run: .*\/var\/log/m);
    expect(worse.stdout).toMatch(/✗ [^.]*\. 1 finding became worse\s+since\s+the\s+last\s+run\./);
    const accepted = await audit(['/data', '/var/log', '/srv'], exempt('writable-host-path'));
    expect(accepted.stdout).toMatch(/exempt: writable-host-path until 2026-12-31: agreed \(team\)/);
    expect(accepted.stdout).toMatch(/changed since the last run: .*\/srv/);
  });

  test('a workload that is not there is refused before anything is recorded', async () => {
    const reports = join(folder, 'reports');
    const files = [...manifests(deployment('web')), '--out', reports];
    for (const asked of [['shop/wbe'], ['-n', 'shpo']]) {
      const { code, stderr } = await run([...files, '--now', NOW, ...asked]);
      expect([code, existsSync(reports)]).toEqual([2, false]);
      expect(stderr).toMatch(/did you mean "?shop/);
    }
  });

  test('a workload that is gone since the last run is not refused, and its findings are shown as gone', async () => {
    const reports = ['--out', join(folder, 'reports')];
    await run([
      ...manifests(deployment('web'), deployment('api')),
      ...reports,
      '--now',
      '2026-11-20T12:00:00Z',
    ]);
    const files = [...manifests(deployment('api')), ...reports, '--now', NOW];
    const gone = await run([...files, 'shop/web']);
    expect(gone.stdout).toContain('gone since the last run: egress-unrestricted');
    const misspelt = await run([...files, 'shop/wbe']);
    expect(misspelt.code).toBe(2);
  });

  test('names that only files can hold do no harm on the terminal and are in no command', async () => {
    const evil = 'web\u001b[2J$(reboot)';
    const { stdout } = await run([...manifests(deployment(evil)), 'shop/']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain("'");
    expect(stdout.split('\n').filter((line) => /^ *kubectl .*reboot/.test(line))).toEqual([]);
  });
});

const HARDENED = {
  image: `r.example/good@sha256:${'0'.repeat(64)}`,
  securityContext: { readOnlyRootFilesystem: true, runAsNonRoot: true },
};

test('what has become of its container is one sentence of what it means', async () => {
  const argv = ['audit', '--sample', 'partners/edi-ftp', '--now', '2026-11-29T12:00:00Z'];
  const { stdout } = await run(argv);
  const [, meaning = ''] = stdout.split('WHAT IT MEANS');
  expect(meaning.replace(/\s+/g, ' ')).toContain(
    'Container edi-ftp: its image was pushed on 25 Oct 2025; the registry does not have its tag any more; its image was last scanned on 4 Nov 2025, before the container was started on 13 Nov.',
  );
});
