import { expect, test } from '@jest/globals';
import { run } from '../cli/run.ts';
import { registryExpectations } from './expectations.ts';

interface Row {
  readonly check: string;
  readonly container: string | null;
  readonly cluster: { readonly name: string };
  readonly workload: { readonly namespace: string; readonly kind: string; readonly name: string } | null;
}

test('the sample has each verdict about images that its registry is made for', async () => {
  const argv = ['audit', '--sample', '--fail-on', 'never', '--allow-incomplete', '-o', 'json'];
  const { stdout } = await run(argv.concat('--now', '2026-10-05T08:00:00Z'));
  const { findings, notEvaluated } = JSON.parse(stdout) as {
    readonly findings: readonly Row[];
    readonly notEvaluated: readonly Row[];
  };
  const keyOf = ({ check, cluster, workload, container }: Row): string =>
    [check, cluster.name, workload?.namespace, `${workload?.kind}/${workload?.name}`, container].join(' ');
  const failing = new Set(findings.map(keyOf));
  const open = new Set(notEvaluated.map(keyOf));
  const verdicts = registryExpectations.map(({ check, cluster, namespace, workload, container }) => {
    const key = [check, cluster, namespace, workload, container].join(' ');
    return [key, failing.has(key) ? 'fail' : open.has(key) ? 'not-evaluated' : 'pass'];
  });
  const expected = registryExpectations.map(({ check, cluster, namespace, workload, container, verdict }) => [
    [check, cluster, namespace, workload, container].join(' '),
    verdict,
  ]);
  expect(verdicts).toEqual(expected);
});
