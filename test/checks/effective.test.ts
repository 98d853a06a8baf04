import { describe, expect, test } from '@jest/globals';
import type { Check } from '../../lambda/checks/check.ts';
import { egressHostNetwork } from '../../lambda/checks/egress/egress-host-network.ts';
import { egressInsecurePort } from '../../lambda/checks/egress/egress-insecure-port.ts';
import { egressInstanceMetadata } from '../../lambda/checks/egress/egress-instance-metadata.ts';
import { egressPackageRegistry } from '../../lambda/checks/egress/egress-package-registry.ts';
import { egressPolicyNotEnforced } from '../../lambda/checks/egress/egress-policy-not-enforced.ts';
import { egressUnapproved } from '../../lambda/checks/egress/egress-unapproved.ts';
import { egressUnrestricted } from '../../lambda/checks/egress/egress-unrestricted.ts';
import { evaluate } from '../../lambda/checks/evaluate.ts';
import { runtimeLibraryUpdate } from '../../lambda/checks/together/runtime-library-update.ts';
import { parseConfig } from '../../lambda/config/load.ts';
import { placedPod } from '../../lambda/egress/enforcement/placed-pod.ts';
import { createEgress } from '../../lambda/egress/engine.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { foldCauses } from '../../lambda/findings/fold-causes.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import { createMesh } from '../../lambda/mesh/mesh.ts';
import { findingRow } from '../../lambda/report/rows.ts';
import { clusterOf, type EnforcementCase } from '../egress/enforcement/case-cluster.ts';
import { NOW } from '../support/builders.ts';

const CHECKS: readonly Check[] = [
  egressHostNetwork,
  egressInsecurePort,
  egressInstanceMetadata,
  egressPackageRegistry,
  egressPolicyNotEnforced,
  egressUnapproved,
  egressUnrestricted,
  runtimeLibraryUpdate,
];
const OPEN = [
  'egress-insecure-port',
  'egress-instance-metadata',
  'egress-package-registry',
  'egress-unapproved',
  'egress-unrestricted',
];

interface Judged {
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
  readonly failing: readonly string[];
  readonly open: readonly string[];
  /** For each finding that follows from another one: from which check. */
  readonly implied: Readonly<Record<string, string>>;
  readonly message: (check: string) => string;
}

/** The verdicts on the pod `shop/web` of a cluster that is read from objects. */
function judge(row: Partial<EnforcementCase>): Judged {
  const inventory = clusterOf({
    case: '',
    source: '',
    expect: { enforcement: 'none', reach: 'unknown' },
    ...row,
  });
  const config = parseConfig('egress: { approved: [{ name: x, cidrs: [10.0.0.0/8] }] }', 'f', []);
  const { policies, namespaces, network } = inventory;
  const engine = createEgress({ policies, namespaces, network, config: config.egress });
  const classes = inventory.classes.filter(({ workload }) => workload.namespace === 'shop');
  const result = evaluate({
    inventory,
    classes,
    checks: CHECKS,
    config,
    now: NOW,
    limitsOf: () => config.limits,
    egressOf: ({ workload, labels, spec }) =>
      engine.view({ namespace: workload.namespace, labels, hostNetwork: spec.hostNetwork }),
    mesh: createMesh(inventory),
  });
  const byId = new Map(result.findings.map((finding) => [finding.id, finding.check]));
  const { findings, notEvaluated } = result;
  expect(classes.map(placedPod)).toHaveLength(1);
  return {
    findings,
    notEvaluated,
    failing: findings.map(({ check }) => check).sort(),
    open: [...new Set(notEvaluated.map(({ check }) => check))].sort(),
    implied: Object.fromEntries(
      findings.flatMap(({ check, impliedBy }) =>
        impliedBy ? [[check, byId.get(impliedBy) ?? 'no finding']] : [],
      ),
    ),
    message: (check) => findings.find((one) => one.check === check)?.message ?? '',
  };
}

const ON = {
  agents: [{ vpcCni: { args: ['--enable-network-policy=true', '--enable-ipv6=false'] } }],
  configMaps: { 'amazon-vpc-cni': { 'enable-network-policy-controller': 'true' } },
} as const;
const FARGATE = { node: { 'eks.amazonaws.com/compute-type': 'fargate' } } as const;
const allOf = (root: string, checks: readonly string[]) =>
  Object.fromEntries(checks.map((check) => [check, root]));

const ciliumAllowAll = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'leftover', namespace: 'shop' },
  spec: { endpointSelector: {}, egress: [{ toEntities: ['all'] }] },
};

describe('checks judge what is effective', () => {
  test('a deny-all policy denies egress where it is enforced', () => {
    expect(judge(ON)).toMatchObject({ failing: [], open: [] });
  });

  test('a deny-all policy has no effect on Fargate, or under a disabled agent, and that is reported once', () => {
    const off = { agents: [{ vpcCni: { args: ['--enable-network-policy=false', '--enable-ipv6=false'] } }] };
    // Fargate has no metadata service.
    for (const [row, open] of [
      [FARGATE, OPEN.filter((check) => check !== 'egress-instance-metadata')],
      [off, OPEN],
    ] as const) {
      const found = judge(row);
      expect(found.failing).toEqual([...open, 'egress-policy-not-enforced', 'runtime-library-update'].sort());
      expect(found.implied).toEqual(allOf('egress-policy-not-enforced', open));
      expect(found.message('egress-unrestricted')).toBe(
        'Can reach all public IPv4 addresses on every port: nothing enforces NetworkPolicy shop/policy-0.',
      );
    }
  });

  test('the message names the open ports by their protocol', () => {
    const messageOf = (...protocols: readonly string[]): string => {
      const open = {
        to: [{ ipBlock: { cidr: '0.0.0.0/0' } }],
        ...(protocols.length > 0 ? { ports: protocols.map((protocol) => ({ protocol })) } : {}),
      };
      return judge({ ...ON, policies: [{ egress: [open] }] }).message('egress-unrestricted');
    };
    const every = 'Can reach all public IPv4 addresses on every port: ';
    const everyTcp = 'Can reach all public IPv4 addresses on every TCP port: ';
    expect(messageOf()).toContain(every);
    expect(messageOf('TCP', 'UDP', 'SCTP')).toContain(every);
    expect(messageOf('TCP')).toContain(everyTcp);
    expect(messageOf('TCP', 'UDP')).toContain(everyTcp);
  });

  test('a gap in enforcement is not the cause of what policies leave open anyway', () => {
    const web = { egress: [{ ports: [{ protocol: 'TCP', port: 443 }] }] };
    const { implied } = judge({ ...FARGATE, policies: [web] });
    expect(Object.keys(implied).sort()).toEqual(['egress-insecure-port', 'egress-unrestricted']);
  });

  test('a policy that nothing enforces opens nothing, and is no gap', () => {
    const found = judge({ ...ON, objects: [ciliumAllowAll] });
    expect({ failing: found.failing, open: found.open }).toEqual({ failing: [], open: [] });
  });

  test('the other egress findings follow from the missing policy', () => {
    const { failing, implied } = judge({ ...ON, policies: [] });
    expect(failing).toEqual([...OPEN, 'runtime-library-update']);
    const others = OPEN.filter((check) => check !== 'egress-unrestricted');
    expect(implied).toEqual(allOf('egress-unrestricted', others));
  });

  test('the other egress findings of a pod on the host network follow from hostNetwork', () => {
    const { failing, implied } = judge({ ...ON, pod: { hostNetwork: true } });
    expect(failing).toEqual([...OPEN, 'egress-host-network', 'runtime-library-update'].sort());
    expect(implied).toEqual(allOf('egress-host-network', OPEN));
  });

  test('a finding about a policy that excludes a range is implied by no other', () => {
    const most = { egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['192.0.2.0/24'] } }] }] };
    expect(judge({ ...ON, policies: [most] }).implied).toEqual({});
  });

  test('under an unknown engine a pod that policies deny is not evaluated, and one that no policy restricts fails', () => {
    expect(judge({})).toMatchObject({
      failing: [],
      open: [...OPEN, 'egress-policy-not-enforced', 'runtime-library-update'].sort(),
    });
    const web = { egress: [{ ports: [{ protocol: 'TCP', port: 443 }] }] };
    const found = judge({ policies: [web] });
    expect(found.failing).toEqual(['egress-package-registry', 'egress-unapproved', 'runtime-library-update']);
  });

  test('each row names the finding that it follows from', () => {
    const rows = judge({ ...ON, policies: [] }).findings.map(findingRow);
    const root = rows.find(({ check }) => check === 'egress-unrestricted');
    expect(root?.impliedBy).toBeNull();
    expect(rows.find(({ check }) => check === 'egress-insecure-port')?.impliedBy).toBe(root?.id);
  });
});

describe('what was not read neither denies nor allows', () => {
  const toFamily = (cidr: string) => ({ egress: [{ to: [{ ipBlock: { cidr } }] }] });
  const admin = (action: string) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'AdminNetworkPolicy',
    metadata: { name: 'admin' },
    spec: {
      priority: 10,
      subject: { namespaces: { matchLabels: { team: 'shop' } } },
      egress: [{ name: 'all', action, to: [{ networks: ['0.0.0.0/0', '::/0'] }] }],
    },
  });
  const LABELLED = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { team: 'shop', 'kubernetes.io/metadata.name': 'shop' } },
  };
  const verdict = ({ failing, open }: Judged, check: string): 'fails' | 'open' | 'passes' =>
    failing.includes(check) ? 'fails' : open.includes(check) ? 'open' : 'passes';

  test('an unknown IP family does not matter where a policy without effect opens one anyway', () => {
    const open = (address: string): string =>
      verdict(
        judge({ ...FARGATE, address, policies: [toFamily('0.0.0.0/0')] }),
        'egress-policy-not-enforced',
      );
    expect([open('10.0.0.10'), open('2001:db8::1'), open('none')]).toEqual(['passes', 'fails', 'open']);
  });

  test('an unknown IP family does not matter where a policy opens one', () => {
    const agents = [{ calico: { version: '3.31.2' } }];
    const open = (address: string): string =>
      verdict(judge({ agents, address, policies: [toFamily('::/0')] }), 'egress-unrestricted');
    expect([open('10.0.0.10'), open('2001:db8::1'), open('none')]).toEqual(['passes', 'fails', 'open']);
  });

  test('unread namespace labels leave open a policy that the engine does not read', () => {
    const of = (objects: readonly object[]): string =>
      verdict(judge({ ...ON, policies: [toFamily('0.0.0.0/0')], objects }), 'egress-policy-not-enforced');
    expect(of([admin('Deny'), LABELLED])).toBe('fails');
    expect(of([admin('Deny')])).toBe('open');
    expect(of([admin('Allow'), LABELLED])).toBe('passes');
  });

  test('unread namespace labels do not matter where a policy that selects the pod has no effect in any case', () => {
    const of = (action: string): string =>
      verdict(
        judge({ ...FARGATE, policies: [toFamily('192.0.2.0/24')], objects: [admin(action)] }),
        'egress-policy-not-enforced',
      );
    expect([of('Deny'), of('Allow')]).toEqual(['fails', 'open']);
  });
});

describe('a sentence names the rule that decides', () => {
  const calico = (egress: readonly object[]) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'guard' },
    spec: { types: ['Egress'], egress },
  });
  const allowing = { action: 'Allow', destination: { nets: ['0.0.0.0/0'] } };
  const denying = { action: 'Deny', destination: { nets: ['203.0.113.0/24'] } };
  const on = (egress: readonly object[]) => ({
    agents: [{ calico: { version: '3.31.2' } }],
    policies: [],
    objects: [calico(egress)],
  });

  test('the message names the policy that allows the rest where another only denies a part', () => {
    expect(judge(on([denying, allowing])).message('egress-unrestricted')).toBe(
      'Can reach all public IPv4 addresses on every port: allowed by GlobalNetworkPolicy guard: spec.egress[1].',
    );
  });

  test('the message says so where no policy allows the rest', () => {
    const admin = {
      apiVersion: 'networking.k8s.aws/v1alpha1',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'edge' },
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: {} },
        egress: [{ action: 'Deny', to: [{ networks: ['203.0.113.0/24'] }] }],
      },
    };
    const agents = [{ vpcCni: { args: ON.agents[0].vpcCni.args, version: '1.4.1' } }];
    expect(judge({ ...ON, agents, policies: [], objects: [admin] }).message('egress-unrestricted')).toBe(
      'Can reach all public IPv4 addresses on every port: no rule of ClusterNetworkPolicy edge matches it, so it stays reachable.',
    );
  });
});

describe('what a fix of the cause resolves', () => {
  /** `host-network: 6 of 6`, and what keeps the others. */
  const resolvedIn = (row: Partial<EnforcementCase>): readonly string[] =>
    foldCauses(judge(row).findings).map(({ cause, resolves, findings, remains }) => {
      const kept = remains.map((one) => `, ${one.findings} by ${one.cause.kind} ${one.cause.object.name}`);
      return `${cause.kind}: ${resolves} of ${findings.length}${kept.join('')}`;
    });
  const open = [{ egress: [{}] }];

  test('policies that are enforced close what the network of the node opens', () => {
    const pod = { hostNetwork: true };
    expect(resolvedIn({ ...ON, pod })).toContain('host-network: 6 of 6');
  });

  test('without the network of the node the namespace that has no policy keeps it open', () => {
    const pod = { hostNetwork: true };
    expect(resolvedIn({ ...ON, pod, policies: [] })).toContain(
      'host-network: 1 of 6, 5 by no-egress-policy shop',
    );
    expect(resolvedIn({ ...ON, pod, policies: open })).toContain(
      'host-network: 1 of 6, 5 by rule-too-wide policy-0',
    );
  });

  test('enforcing a policy that denies all closes all', () => {
    expect(resolvedIn(FARGATE)).toContain('policy-not-enforced: 5 of 5');
  });

  test('no policy closes anything where none is enforced, whether there is one or not', () => {
    expect(resolvedIn({ ...FARGATE, policies: [] })).toContain(
      'no-egress-policy: 0 of 4, 4 by policy-not-enforced case',
    );
    expect(resolvedIn({ ...FARGATE, policies: open })).toContain(
      'rule-too-wide: 0 of 4, 4 by policy-not-enforced case',
    );
    expect(resolvedIn({ ...ON, policies: [] })).toContain('no-egress-policy: 5 of 5');
    expect(resolvedIn({ ...ON, policies: open })).toContain('rule-too-wide: 5 of 5');
  });
});
