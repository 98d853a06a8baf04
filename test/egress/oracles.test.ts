import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NO_POLICY, NO_RULE } from '../../lambda/egress/answers/explain.ts';
import { createEgress, type EgressEngine } from '../../lambda/egress/engine.ts';
import { unionAll } from '../../lambda/egress/sets/address-set.ts';
import { parseAddress } from '../../lambda/egress/sets/addresses.ts';
import type { Ports } from '../../lambda/egress/sets/port-set.ts';
import { externalRanges, fromExternalRanges } from '../../lambda/egress/sets/printed.ts';
import { opensAlone } from './kinds/brute-force-admin.ts';
import { opensAlone as opensAloneInCilium } from './kinds/brute-force-cilium.ts';
import { NO_CONFIG, reachOf } from './support/build.ts';
import { type Manifests, readManifests, type Subject } from './support/manifests.ts';
import { isAllowed, type Probe } from './support/oracle-probes.ts';

/**
 * Cases whose answers come from other tools and conformance suites. They are data of their own
 * projects and not part of this one: `EGRESS_ORACLES` says where they are.
 */
const FOLDER =
  process.env['EGRESS_ORACLES'] ?? resolve(import.meta.dirname, '../../../shared/oracles/egress');

/** Kinds that the engine reads, and kinds that say nothing about egress. */
const COVERED_KINDS = [
  'NetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'CiliumNetworkPolicy',
  'Ingress',
  'Route',
];

interface Case {
  readonly case: string;
  readonly policyKinds: readonly string[];
}

type Expected =
  | { readonly kind: 'ranges'; readonly workloads: Readonly<Record<string, readonly ExpectedRange[]>> }
  | {
      readonly kind: 'probes';
      readonly subject: string;
      readonly namespaceForPolicies: string;
      readonly probes: readonly Probe[];
    };

interface ExpectedRange {
  readonly from: string;
  readonly to: string;
  readonly conn: string;
}

const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(FOLDER, ...path), 'utf8'));

if (existsSync(join(FOLDER, 'index.json'))) {
  const cases = read<readonly Case[]>('index.json');
  const covered = cases.filter(({ policyKinds }) =>
    policyKinds.every((kind) => COVERED_KINDS.includes(kind)),
  );

  describe('egress of the oracle cases', () => {
    it('the oracle cases cover every case', () => {
      expect(covered).toEqual(cases);
      expect(cases.length).toBeGreaterThan(0);
    });

    it.each(covered.map((one) => one.case))('the egress of the oracle case is reproduced: %s', (name) => {
      const expected = read<Expected>(name, 'expected.json');
      const namespace = expected.kind === 'probes' ? expected.namespaceForPolicies : 'default';
      const manifests = readManifests(join(FOLDER, name, 'manifests'), namespace);
      const engine = createEgress({ ...manifests, config: NO_CONFIG });
      for (const subject of manifests.subjects) expectExplained(engine.view(subject), manifests, subject);
      if (expected.kind === 'ranges') expectRanges(engine, manifests, expected.workloads);
      else expectProbes(engine, manifests, expected);
    });
  });
} else {
  describe('egress of the oracle cases', () => {
    it(`the oracle cases are not compared: there are no cases at ${FOLDER} (set EGRESS_ORACLES)`, () => {
      expect(existsSync(join(FOLDER, 'index.json'))).toBe(false);
    });
  });
}

function expectRanges(
  engine: EgressEngine,
  { subjects }: Manifests,
  workloads: Readonly<Record<string, readonly ExpectedRange[]>>,
): void {
  const actual = Object.fromEntries(
    Object.keys(workloads).map((workload) => [
      workload,
      distinct(subjects.filter((subject) => subject.workload === workload).map((one) => ipv4(engine, one))),
    ]),
  );
  const expected = Object.fromEntries(
    Object.entries(workloads).map(([workload, ranges]) => [workload, [ranges]]),
  );
  expect(actual).toEqual(expected);
}

/** All pods of a workload must give one answer. */
const distinct = (answers: readonly (readonly ExpectedRange[])[]) =>
  [...new Set(answers.map((answer) => JSON.stringify(answer)))].map((text) => JSON.parse(text));

const ipv4 = (engine: EgressEngine, subject: Subject): readonly ExpectedRange[] =>
  reachOf(engine.view(subject))
    .external.filter(({ from }) => parseAddress(from)?.family === 4)
    .map(({ from, to, ports }) => ({ from, to, conn: connection(ports) }));

/** `All Connections`, or e.g. `TCP 8080,UDP 5000-6000`. */
function connection(ports: Ports): string {
  if (ports === 'all') return 'All Connections';
  return (['TCP', 'UDP', 'SCTP'] as const)
    .flatMap((protocol) => {
      const ranges = ports.filter((range) => range.protocol === protocol);
      const numbers = ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
      return numbers.length === 0 ? [] : [`${protocol} ${numbers.join(',')}`];
    })
    .sort()
    .join(',');
}

function expectProbes(
  engine: EgressEngine,
  { subjects }: Manifests,
  { subject: name, probes }: Extract<Expected, { kind: 'probes' }>,
): void {
  // Pods of a StatefulSet have its name and a number.
  const subject = subjects.find(
    (one) =>
      one.name === name || (one.workload.endsWith('[StatefulSet]') && one.name === name.replace(/-\d+$/, '')),
  );
  if (subject === undefined) throw new Error(`The case has no pod ${name}.`);
  const view = engine.view(subject);
  expect(probes.map((probe) => ({ ...probe, allowed: isAllowed(reachOf(view), probe) }))).toEqual(probes);
}

/** Every range is explained, and only by rules that by themselves open it to the pod. */
function expectExplained(
  view: ReturnType<EgressEngine['view']>,
  { policies: objects, namespaces }: Manifests,
  subject: Subject,
): void {
  const explanations = view.explain();
  const all = unionAll(explanations.map(({ external }) => fromExternalRanges([external])));
  expect(externalRanges(all)).toEqual(reachOf(view).external);
  const namespaceLabels = namespaces.get(subject.namespace) ?? {};
  const wrong = explanations.filter(({ external, because }) => {
    const { protocol, from: port } =
      external.ports === 'all'
        ? { protocol: 'TCP', from: 1 }
        : (external.ports[0] ?? { protocol: 'TCP', from: 0 });
    const traffic = { address: external.from, protocol, port };
    const opens = (source: string): boolean =>
      source === NO_POLICY ||
      source === NO_RULE ||
      (source.startsWith('Cilium')
        ? opensAloneInCilium(source, { objects, place: { pod: subject, namespaceLabels }, traffic })
        : opensAlone(source, { objects, subject, traffic }));
    return because.length === 0 || !because.every(opens);
  });
  expect(wrong).toEqual([]);
}
