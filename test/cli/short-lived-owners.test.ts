import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { run } from './run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const RUNNER_LABELS = {
  'actions-ephemeral-runner': 'True',
  'actions.github.com/scale-set-name': 'linux-x64',
  'actions.github.com/scale-set-namespace': 'ci',
};

/** A runner of GitHub Actions, which lives for one job: its owner has its name, and goes with it. */
const runner = (name: string, day: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'ci',
    uid: name,
    creationTimestamp: `${day}T08:00:00Z`,
    labels: RUNNER_LABELS,
    ownerReferences: [
      {
        apiVersion: 'actions.github.com/v1alpha1',
        kind: 'EphemeralRunner',
        name,
        uid: name,
        controller: true,
      },
    ],
  },
  spec: { containers: [{ name: 'runner', image: 'ghcr.io/actions/actions-runner:latest' }], nodeName: 'n1' },
  status: { phase: 'Running', startTime: `${day}T08:00:00Z` },
});

async function audit(day: string, ...names: readonly string[]) {
  const path = join(folder, `${day}.json`);
  const items = names.map((name) => runner(name, day));
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const options = ['--complete', '--now', `${day}T12:00:00Z`, '--out', join(folder, 'out'), '-o', 'json'];
  const { stdout } = await run(['audit', '--snapshot', path, ...options, '--fail-on', 'never']);
  const { findings } = JSON.parse(stdout) as {
    findings: readonly { id: string; status: string; workload: { kind: string; name: string } }[];
  };
  return findings;
}

test('runners with a new name every day are one workload with no new and no gone findings', async () => {
  // The two share a store, and a name as one cluster has it.
  const first = await audit('2026-06-29', 'linux-x64-5k2vt-runner-9bq4w', 'linux-x64-5k2vt-runner-hx2zq');
  expect(new Set(first.map(({ workload: { kind, name } }) => `${kind}/${name}`))).toEqual(
    new Set(['AutoscalingRunnerSet/linux-x64']),
  );
  const second = await audit('2026-06-30', 'linux-x64-8w4nd-runner-c6mgt');
  expect(second.map(({ id }) => id).sort()).toEqual(first.map(({ id }) => id).sort());
  expect(new Set(second.map(({ status }) => status))).toEqual(new Set(['open']));
});
