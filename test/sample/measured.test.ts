import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import { run } from '../cli/run.ts';

const CHECK = 'writable-layer-drifted';
const NOW = ['--now', '2026-11-29T12:00:00.400Z'];
const AUDIT = ['audit', '--sample', '--fail-on', 'never', '--allow-incomplete', ...NOW];

interface Document {
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
}

async function audited() {
  const { stdout } = await run([...AUDIT, '-o', 'json']);
  const document = JSON.parse(stdout) as Document;
  const ours = <T extends { readonly check: string }>(rows: readonly T[]): readonly T[] =>
    rows.filter(({ check }) => check === CHECK);
  return { findings: ours(document.findings), notEvaluated: ours(document.notEvaluated) };
}

describe('the measured layers of the sample', () => {
  test('the sample has a container that drifted, one that grew, and says so in one sentence each', async () => {
    const { findings } = await audited();
    expect(Object.fromEntries(findings.map((one) => [one.workload.name, one.message]))).toEqual({
      'erp-monolith':
        'Container erp wrote 186 MiB since 13 May (31 MiB since 22 Nov), its sibling 22 MiB. The limit is 10 MiB.',
      search:
        'Container indexer wrote 48 MiB since 12 Nov (48 MiB since 22 Nov), smallest sibling 308 KiB. The limit is 10 MiB.',
      'jupyter-alice':
        'Container notebook wrote 212 MiB since 22 Oct (203 MiB since 22 Nov). The limit is 10 MiB.',
    });
  });

  test('what the runtime does not know, Fargate and Windows are not evaluated, and nothing else', async () => {
    const { notEvaluated } = await audited();
    const rows = notEvaluated.map(({ workload, reason }) => [workload?.name, reason]);
    expect(Object.fromEntries(rows)).toEqual({
      'tomcat-reports': 'not-sampled',
      'invoice-renderer': 'platform',
      'iis-portal': 'platform',
    });
  });

  test('a container that can replace its libraries and has drifted comes first of all', async () => {
    const { stdout } = await run(AUDIT);
    const lines = stdout.split('\n');
    const causes = lines.filter((line) => /^ {2}(CRITICAL|HIGH|MEDIUM|LOW) /.test(line));
    expect(causes[0]).toContain('storefront/Deployment/search   changed while running, can');
    expect(causes[1]).toContain('legacy/Deploym…t/erp-monolith  changed while running, can');
    const fixFirst = lines.findIndex((line) => line.startsWith('FIX FIRST'));
    expect(lines[fixFirst]).toContain('1  storefront/Deployment/search: changed while running');
    expect(lines[fixFirst + 2]).toContain(
      'wrote 48 MiB since 12 Nov (48 MiB since 22 Nov), smallest sibling',
    );
  });

  test('a configuration that does not measure shows the sample without its layers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sample-'));
    try {
      const config = join(folder, 'config.yaml');
      writeFileSync(config, 'measure: { writableLayer: off }\n');
      const { stdout, stderr } = await run([...AUDIT, '--config', config, '-o', 'json']);
      const { findings, notEvaluated } = JSON.parse(stdout) as Document;
      const checks = [...findings, ...notEvaluated].map(({ check }) => check);
      expect([stderr, checks.includes(CHECK), checks.includes('pod-too-old')]).toEqual(['', false, true]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
