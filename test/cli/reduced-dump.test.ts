import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const written = scratchFiles();

/** As a dump that was reduced to names and owners holds them. */
const bare = (kind: string, apiVersion: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion,
    kind,
    metadata: { name: `${kind.toLowerCase()}-${index}`, namespace: index % 2 === 0 ? 'shop' : 'pay' },
  }));

const items = [...bare('ReplicaSet', 'apps/v1', 30), ...bare('Job', 'batch/v1', 20)];

const audit = async (...options: readonly string[]) => {
  const path = written('dump.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const argv = ['audit', '--snapshot', path, '--complete', '--now', '2026-11-21T12:00:00Z', ...options];
  return { ...(await run(argv)), folder: dirname(path) };
};

const times = (text: string, part: string): number => text.split(part).length - 1;

/** What a person is told of a kind: its first object, how many are like it, and what to do. */
function expectOneEntryPerKind(text: string): void {
  const line = text.replaceAll(/\s+/g, ' ');
  for (const [kind, others] of [
    ['ReplicaSet', 29],
    ['Job', 19],
  ] as const) {
    expect(times(line, `${kind} pay/${kind.toLowerCase()}-`)).toBe(1);
    expect(line).toMatch(new RegExp(`${kind} pay/\\S+ has no pod template.{0,80}${others} more like it`));
    expect(times(line, `Give each ${kind} as a whole`)).toBe(1);
  }
}

describe('a dump of 50 ReplicaSets and Jobs without their templates', () => {
  test('a reduced dump of many objects has one entry for each kind in the printed table', async () => {
    const { stdout, code } = await audit();
    expect(code).toBe(3);
    expectOneEntryPerKind(stdout);
  });

  test('a reduced dump of many objects has one entry for each kind in the mail', async () => {
    const { folder } = await audit('--out', join(dirname(written('x', '')), 'out'));
    const runs = join(folder, 'out', 'runs');
    const [id = ''] = readdirSync(runs);
    expectOneEntryPerKind(readFileSync(join(runs, id, 'digest.txt'), 'utf8'));
  });

  test('a reduced dump has a row for each object and check, which names this object', async () => {
    const { stdout } = await audit('-o', 'json');
    const { notEvaluated, summary } = JSON.parse(stdout) as {
      notEvaluated: {
        check: string;
        workload: { kind: string; namespace: string; name: string } | null;
        message: string;
      }[];
      summary: { checks: { check: string; notEvaluated: number }[] };
    };
    for (const { notEvaluated: open } of summary.checks) expect(open).toBe(items.length);
    const rows = notEvaluated.flatMap(({ workload, message }) =>
      workload === null ? [] : [{ workload, message }],
    );
    expect(rows).toHaveLength(items.length * summary.checks.length);
    for (const { workload, message } of rows) {
      expect(message).toContain(
        `${workload.kind} ${workload.namespace}/${workload.name} has no pod template`,
      );
    }
  });
});
