import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { WorkloadEgress } from '../../lambda/audit/egress-report.ts';
import type { PortRange } from '../../lambda/egress/model.ts';
import { run } from './run.ts';

/** The whole way from files to `egress -o json`; the engine alone is compared in test/egress/oracles.test.ts. */
const FOLDER =
  process.env['EGRESS_ORACLES'] ?? resolve(import.meta.dirname, '../../../shared/oracles/egress');
const KINDS = ['NetworkPolicy', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'Ingress', 'Route'];

interface Case {
  readonly case: string;
  readonly kind: 'ranges' | 'probes';
  readonly policyKinds: readonly string[];
}
type Ranges = Readonly<Record<string, readonly { from: string; to: string; conn: string }[]>>;

const read = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(join(FOLDER, ...path), 'utf8'));

if (existsSync(join(FOLDER, 'index.json'))) {
  const cases = read<readonly Case[]>('index.json').filter(
    ({ kind, policyKinds }) => kind === 'ranges' && policyKinds.every((name) => KINDS.includes(name)),
  );

  describe('egress -o json over the manifests of each oracle case', () => {
    test('there are cases', () => {
      expect(cases.length).toBeGreaterThan(40);
    });

    test.each(cases.map((one) => one.case))('%s', async (name) => {
      const { stdout } = await run(['egress', '--snapshot', join(FOLDER, name, 'manifests'), '-o', 'json']);
      const actual = JSON.parse(stdout) as readonly WorkloadEgress[];
      const { workloads } = read<{ workloads: Ranges }>(name, 'expected.json');
      const answers = new Map(actual.map((one) => [`${one.namespace}/${one.name}[${one.kind}]`, ipv4(one)]));
      for (const [workload, ranges] of Object.entries(workloads)) {
        const found = answers.get(workload) ?? answers.get(deploymentOf(workload));
        expect({ workload, ranges: found }).toEqual({ workload, ranges });
      }
    });
  });
} else {
  test(`egress over oracle cases is not compared: there are none at ${FOLDER} (set EGRESS_ORACLES)`, () => {
    expect(existsSync(join(FOLDER, 'index.json'))).toBe(false);
  });
}

/** The cases name the direct owner of a pod; here a ReplicaSet's pods are those of its Deployment. */
const deploymentOf = (workload: string): string =>
  workload.replace(/-[a-z0-9]+\[ReplicaSet\]$/, '[Deployment]');

function ipv4({ declared }: WorkloadEgress): Ranges[string] {
  if ('unknown' in declared) throw new Error(declared.unknown);
  return declared.external
    .filter(({ from }) => !from.includes(':'))
    .map(({ from, to, ports }) => ({
      from,
      to,
      conn: ports === 'all' ? 'All Connections' : connection(ports),
    }));
}

/** `TCP 8080,UDP 5000-6000`, protocols in alphabetical order. */
function connection(ports: readonly PortRange[]): string {
  return [...Map.groupBy(ports, ({ protocol }) => protocol)]
    .map(
      ([protocol, ranges]) =>
        `${protocol} ${ranges.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(',')}`,
    )
    .sort()
    .join(',');
}
