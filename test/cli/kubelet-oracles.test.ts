import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import { oracleText } from '../measure/oracles/read-oracle.ts';
import { run } from './run.ts';

/** What the audit says of what genuine kubelets have answered, whose pods are named for what they did. */
const oracle = (name: string) => JSON.parse(oracleText(name));

const CHECK = 'writable-layer-drifted';
const CONFIG = `measure: { writableLayer: kubelet }
limits: { writableLayerMaxBytes: 1Mi, writableLayerMaxInodes: 200 }
`;

const folder = mkdtempSync(join(tmpdir(), 'kubelet-oracles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Container {
  readonly name: string;
  readonly startTime: string;
}
interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly namespace: string; readonly name: string };
    readonly containers: readonly Container[];
  }[];
}

/** The pods behind an answer, as the API server has them. */
const podsOf = ({ pods }: Summary): readonly object[] =>
  pods.map(({ podRef, containers }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...podRef, uid: podRef.name, creationTimestamp: containers[0]?.startTime },
    spec: {
      nodeName: 'node-1',
      containers: containers.map(({ name }) => ({ name, image: 'registry.example.com/oracle:1.0' })),
    },
    status: {
      phase: 'Running',
      startTime: containers[0]?.startTime,
      containerStatuses: containers.map(({ name, startTime }) => ({
        name,
        state: { running: { startedAt: startTime } },
      })),
    },
  }));

async function verdicts(objects: readonly object[], summary: object) {
  const files = [...objects, summary].map((object, index) => {
    const file = join(folder, `${index}.json`);
    writeFileSync(file, JSON.stringify(object));
    return ['--snapshot', file];
  });
  const config = join(folder, 'config.yaml');
  writeFileSync(config, CONFIG);
  const argv = ['audit', ...files.flat(), '--config', config, '-o', 'json'];
  const { stdout, stderr } = await run([...argv, '--now', '2026-11-29T07:15:00Z']);
  expect(stderr).toBe('');
  const { findings, notEvaluated, summary: counts } = JSON.parse(stdout) as Document;
  const scopes = (rows: readonly (Finding | NotEvaluated)[]): readonly string[] =>
    rows
      .filter(({ check }) => check === CHECK)
      .map(({ workload, container }) => `${workload?.name.replace(/-node-1$/, '')} ${container}`)
      .sort();
  const tally = counts.checks.find(({ check }) => check === CHECK);
  const reasons = new Set(notEvaluated.filter(({ check }) => check === CHECK).map(({ reason }) => reason));
  return { fail: scopes(findings), open: scopes(notEvaluated), reasons: [...reasons], pass: tally?.pass };
}

interface Document {
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
  readonly summary: { readonly checks: readonly { readonly check: string; readonly pass: number }[] };
}

const list = (items: readonly object[]): object => ({ apiVersion: 'v1', kind: 'List', items });

/** Above 1 MiB or 200 inodes. */
const WROTE = [
  'replaces-library main',
  'sidecar second',
  'started-late main',
  'writes-10-mib main',
  'writes-1000-empty-files main',
];

describe('the verdicts about what a real kubelet answered', () => {
  test('on ext4 a touched library and a sidecar of 1 MiB exceed 1 MiB by the blocks of their directories', async () => {
    const summary = oracle('summary-ext4-overlayfs.json') as Summary;
    expect(await verdicts([list(podsOf(summary))], summary)).toEqual({
      fail: [...WROTE, 'sidecar proxy', 'touches-nothing-chmod main'].sort(),
      open: ['rotates-files main'],
      reasons: ['not-sampled'],
      pass: 8,
    });
  });

  test('on XFS an idle layer of 0 bytes passes, and what is not known does not', async () => {
    const summary = oracle('summary-xfs-overlayfs.json') as Summary;
    expect(await verdicts([list(podsOf(summary))], summary)).toEqual({
      fail: [...WROTE, 'restarts main'].sort(),
      open: ['rotates-files main'],
      reasons: ['not-sampled'],
      pass: 10,
    });
  });

  test('what the API server said decides what runs, also a native sidecar, and what a crash loop leaves is not judged', async () => {
    const objects = [oracle('api-pods.json'), oracle('api-node.json')];
    const found = await verdicts(objects, oracle('summary-with-api-server.json'));
    expect(found).toEqual({
      fail: [...WROTE, 'restarts main', 'sidecar proxy', 'touches-nothing-chmod main'].sort(),
      // Of nodes that were not asked.
      open: ['cart cart', 'frontend web', 'search search'],
      reasons: ['not-in-snapshot'],
      pass: 7,
    });
  });
});
