import { describe, expect, test } from '@jest/globals';
import type { WorkloadEgress } from '../../lambda/questions/report.ts';
import { run } from '../cli/run.ts';

const listed = run(['egress', '--sample', '--allow-incomplete', '-o', 'json']).then(
  ({ stdout }) => JSON.parse(stdout) as readonly WorkloadEgress[],
);

async function routable(cluster: string, namespace: string, name: string) {
  const found = (await listed).find(
    (one) => one.cluster === cluster && one.namespace === namespace && one.name === name,
  );
  if (found === undefined) throw new Error(`${namespace}/${name} is not in the sample.`);
  return found.routable;
}

const EVERYWHERE = { from: '0.0.0.0', to: '255.255.255.255', ports: 'all' };

describe('what the sample routes', () => {
  test('nodes behind a NAT gateway reach the internet by TCP and UDP', async () => {
    const answer = await routable('shop-prod', 'kube-system', 'coredns');
    const ports = ['TCP', 'UDP'].map((protocol) => ({ protocol, from: 1, to: 65535 }));
    expect(answer).toMatchObject({
      external: expect.arrayContaining([expect.objectContaining({ from: '0.0.0.0', ports })]),
    });
    expect(answer).not.toHaveProperty('undecided');
  });

  test('a node with a public address reaches everything', async () => {
    const all = (await listed).map((one) => one.routable);
    expect(all).toContainEqual({ external: [EVERYWHERE] });
  });

  test('beyond a transit gateway nothing is known', async () => {
    expect(await routable('analytics-prod', 'airflow', 'airflow-scheduler')).toMatchObject({
      undecided: [{ because: expect.stringMatching(/transit gateway tgw-0inspection/) }],
    });
  });
});
