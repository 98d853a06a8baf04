import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { PortRange } from '../../lambda/egress/sets/port-set.ts';
import type { WorkloadEgress } from '../../lambda/questions/report.ts';
import { toList } from '../egress/support/manifests.ts';
import { isAllowed, type Probe } from '../egress/support/oracle-probes.ts';
import { run } from './run.ts';

/** The whole way from files to `egress -o json`; the engine alone is compared in test/egress/oracles.test.ts. */
const FOLDER =
  process.env['EGRESS_ORACLES'] ?? resolve(import.meta.dirname, '../../../shared/oracles/egress');
interface Case {
  readonly case: string;
  readonly kind: 'ranges' | 'probes';
}
interface Probes {
  readonly subject: string;
  readonly namespaceForPolicies?: string;
  readonly probes: readonly Probe[];
}
type Ranges = Readonly<Record<string, readonly { from: string; to: string; conn: string }[]>>;

const read = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(join(FOLDER, ...path), 'utf8'));

if (existsSync(join(FOLDER, 'index.json'))) {
  const all = read<readonly Case[]>('index.json');
  const cases = all.filter(({ kind }) => kind === 'ranges');
  const probed = all.filter(({ kind }) => kind === 'probes');

  describe('egress -o json over the manifests of each oracle case', () => {
    test('the folder of oracle cases holds cases', () => {
      expect(cases.length).toBeGreaterThan(40);
      expect(cases.length + probed.length).toBe(all.length);
    });

    // Of Cilium and of conformance suites: what may pass, instead of ranges.
    test.each(probed.map((one) => one.case))(
      'the allowed probes equal those of the oracle case %s',
      async (name) => {
        const { subject, namespaceForPolicies = 'default', probes } = read<Probes>(name, 'expected.json');
        const list = toList(join(FOLDER, name, 'manifests'), namespaceForPolicies);
        const { stdout } = await run(
          ['egress', '--snapshot', '-', '--complete', '-o', 'json'],
          JSON.stringify(list),
        );
        const actual = JSON.parse(stdout) as readonly WorkloadEgress[];
        // Pods of a StatefulSet have its name and a number.
        const found = actual.find((one) => [subject, subject.replace(/-\d+$/, '')].includes(nameOf(one)));
        if (found === undefined || 'unknown' in found.declared) throw new Error(`No answer for ${subject}.`);
        const { declared } = found;
        expect(probes.map((probe) => ({ ...probe, allowed: isAllowed(declared, probe) }))).toEqual(probes);
      },
    );

    test.each(cases.map((one) => one.case))(
      'the allowed ranges equal those of the oracle case %s',
      async (name) => {
        const { stdout } = await run([
          'egress',
          '--snapshot',
          join(FOLDER, name, 'manifests'),
          '--complete',
          '-o',
          'json',
        ]);
        const actual = JSON.parse(stdout) as readonly WorkloadEgress[];
        const { workloads } = read<{ workloads: Ranges }>(name, 'expected.json');
        const answers = new Map(
          actual.map((one) => [`${one.namespace}/${one.name}[${one.kind}]`, ipv4(one)]),
        );
        for (const [workload, ranges] of Object.entries(workloads)) {
          const found = answers.get(workload) ?? answers.get(deploymentOf(workload));
          expect({ workload, ranges: found }).toEqual({ workload, ranges });
        }
      },
    );
  });
} else {
  test(`egress over oracle cases is not compared: there are none at ${FOLDER} (set EGRESS_ORACLES)`, () => {
    expect(existsSync(join(FOLDER, 'index.json'))).toBe(false);
  });
}

const nameOf = ({ namespace, name }: WorkloadEgress): string => `${namespace}/${name}`;

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
