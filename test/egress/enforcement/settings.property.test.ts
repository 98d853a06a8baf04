import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultConfig } from '../../../lambda/config/load.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { CiliumSettings, EngineSettings, Setting } from '../../../lambda/inventory/engine-settings.ts';
import type { NodeNetwork } from '../../../lambda/inventory/node-network.ts';
import type { PolicyAgent } from '../../../lambda/inventory/policy-agent.ts';
import { aPolicy } from '../../support/builders.ts';
import { runs } from '../../support/runs.ts';

const maybe = fc.constantFrom(true, false, null);
/** So that engines are up often enough for what else decides. */
const mostly = fc.constantFrom(true, true, true, true, false, null);
const UNREAD = {
  unread: { reason: 'forbidden', message: 'It may not be read.', remedy: 'Grant it.' },
} as const;

function setting<T>(known: fc.Arbitrary<T>): fc.Arbitrary<Setting<T>> {
  return fc.oneof(
    known.map((value) => ({ known: value })),
    fc.constant(UNREAD),
  );
}

const agent: fc.Arbitrary<PolicyAgent> = fc.record({
  engine: fc.constantFrom('vpc-cni', 'calico', 'cilium', 'kube-router'),
  container: fc.constant('agent'),
  version: fc.constantFrom('1.4.1', '3.31.0', null),
  enabled: mostly,
  running: mostly,
  ipv6: maybe,
  mode: fc.constantFrom('standard', 'strict', null),
  egressV4: maybe,
  egressV6: maybe,
});

const node: fc.Arbitrary<NodeNetwork> = fc.record(
  {
    compute: fc.constantFrom('ec2', 'ec2', 'auto', 'auto', 'auto', 'fargate', 'unknown'),
    nodeClass: fc.constantFrom('default', 'default', 'default', 'other', null),
    agents: fc.uniqueArray(agent, { selector: ({ engine }) => engine, maxLength: 2 }),
  },
  { requiredKeys: ['compute', 'agents'] },
);

const cilium: fc.Arbitrary<CiliumSettings> = fc.record({
  enforcement: fc.constantFrom('default', 'default', 'always', 'never', null),
  audit: maybe,
  core: mostly,
  clusterNetworkPolicy: maybe,
  own: maybe,
  ownClusterwide: maybe,
  hostFirewall: maybe,
  identityLabels: fc.constantFrom('', 'k8s:app', null),
  chaining: fc.constantFrom('none', 'aws-cni'),
});

const settings: fc.Arbitrary<EngineSettings> = fc.record({
  vpcCniController: setting(mostly.map((on) => on === true)),
  cilium: setting(cilium),
  nodeClasses: setting(
    fc.constantFrom('DefaultAllow', 'DefaultDeny', null).map((policy) => new Map([['default', policy]])),
  ),
  ipFamily: fc.constantFrom('ipv4', 'ipv6', null),
});

const situation = fc.record({
  on: node,
  settings,
  standalone: mostly.map((owned) => owned !== true),
  os: fc.constantFrom('linux', 'linux', 'linux', 'windows', null),
  hostNetwork: mostly.map((own) => own !== true),
  complete: fc.boolean(),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

const known = <T>(value: Setting<T>): T | null => ('known' in value ? value.known : null);

/** What must be so for a deny-all policy to hold there, said anew from the documentation of each engine. */
function mustHold({ on, settings: told, standalone, os }: Situation): boolean {
  if (on.compute === 'fargate') return false;
  const up = on.agents.filter(({ enabled, running }) => enabled === true && running === true);
  const families = ({ ipv6, egressV4, egressV6 }: PolicyAgent): boolean => {
    const six = ipv6 ?? (told.ipFamily === null ? null : told.ipFamily === 'ipv6');
    return six === false ? egressV6 !== true : egressV4 === false;
  };
  const byVpcCni =
    known(told.vpcCniController) === true &&
    !standalone &&
    os !== 'windows' &&
    (up.some((one) => one.engine === 'vpc-cni' && families(one)) ||
      (on.compute === 'auto' &&
        told.ipFamily === 'ipv4' &&
        known(told.nodeClasses)?.get(on.nodeClass ?? '') !== undefined &&
        known(told.nodeClasses)?.get(on.nodeClass ?? '') !== null));
  const flags = known(told.cilium);
  const byCilium =
    up.some(({ engine }) => engine === 'cilium') &&
    (flags?.enforcement === 'default' || flags?.enforcement === 'always') &&
    flags.audit === false &&
    flags.core === true;
  const cni = on.agents.find(({ engine }) => engine === 'vpc-cni');
  const chained =
    cni === undefined ||
    cni.egressV4 === false ||
    (cni.ipv6 ?? (told.ipFamily === null ? true : told.ipFamily === 'ipv6')) === false;
  const byCalico = up.some(({ engine }) => engine === 'calico') && chained;
  return byVpcCni || byCilium || byCalico || up.some(({ engine }) => engine === 'kube-router');
}

function judge({ on, settings: told, hostNetwork, complete, os, standalone }: Situation) {
  const network = { nodes: new Map([['n', on]]), kinds: [on], complete, settings: told };
  const engine = createEgress({
    policies: [aPolicy({ egress: [] })],
    namespaces: new Map(),
    config: defaultConfig().egress,
    network,
  });
  const view = engine.view({ namespace: 'shop', labels: {}, hostNetwork });
  const pod = { os, standalone, placements: [{ network: on, pods: 1 }] };
  return {
    verdict: view.enforcement(pod),
    enforced: view.enforced(pod),
    notes: view.enforcementNotes(pod),
  };
}

test('a deny-all policy is said to hold only where everything that decides it was read and says so', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const { verdict, enforced } = judge(one);
      if (one.hostNetwork) expect(verdict.state).toBe('none');
      else if (verdict.state === 'enforced') expect(mustHold(one)).toBe(true);
      // Whatever it is, nothing may look closed that is not.
      const closed = 'external' in enforced && enforced.external.length === 0;
      if (closed) expect([one.hostNetwork, mustHold(one)]).toEqual([false, true]);
    }),
    { numRuns: runs(5000) },
  );
});

test('an engine beside the VPC CNI does not make that one enforce on Windows', () => {
  const agent = { container: 'agent', version: null, enabled: true, running: true, ipv6: null, mode: null };
  const cilium: PolicyAgent = { ...agent, engine: 'cilium', egressV4: null, egressV6: null };
  const one: Situation = {
    on: { compute: 'auto', nodeClass: 'default', agents: [cilium] },
    settings: {
      vpcCniController: { known: true },
      cilium: {
        known: {
          enforcement: 'default',
          audit: false,
          core: false,
          clusterNetworkPolicy: true,
          own: true,
          ownClusterwide: true,
          hostFirewall: true,
          identityLabels: '',
          chaining: 'none',
        },
      },
      nodeClasses: { known: new Map([['default', 'DefaultAllow']]) },
      ipFamily: 'ipv4',
    },
    standalone: false,
    os: 'windows',
    hostNetwork: false,
    complete: true,
  };
  expect(judge(one).verdict.state).not.toBe('enforced');
});

test('unknown enforcement is explained with what to do', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const { verdict } = judge(one);
      if (verdict.state === 'unknown') {
        expect(verdict.message).toMatch(/\.$/);
        expect(verdict.remedy).toMatch(/\S/);
      }
      if (verdict.state === 'not-enforced') {
        for (const gap of verdict.gaps) {
          expect(gap.because).toMatch(/\.$/);
          expect(gap.link).toMatch(/^https:\/\//);
        }
      }
    }),
    { numRuns: runs(2000) },
  );
});
