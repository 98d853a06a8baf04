import { describe, expect, test } from '@jest/globals';
import type { Check } from '../../lambda/checks/check.ts';
import { egressHostNetwork } from '../../lambda/checks/egress/egress-host-network.ts';
import { egressInsecurePort } from '../../lambda/checks/egress/egress-insecure-port.ts';
import { egressInstanceMetadata } from '../../lambda/checks/egress/egress-instance-metadata.ts';
import { egressPackageRegistry } from '../../lambda/checks/egress/egress-package-registry.ts';
import { egressUnrestricted } from '../../lambda/checks/egress/egress-unrestricted.ts';
import { runtimeLibraryUpdate } from '../../lambda/checks/together/runtime-library-update.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { InstanceMetadata, Placement } from '../../lambda/inventory/node-network.ts';
import type { ContainerFacts } from '../../lambda/inventory/pod.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { aClass, aContainer, aContext, allow, aPolicy, aSpec } from '../support/builders.ts';

function verdictOf(check: Check, ...policies: readonly PolicyObject[]) {
  const subject = aClass();
  return check.evaluate(subject, aContext(subject, { policies }))[0]?.verdict;
}

const denyAll = aPolicy({ egress: [] });
const everywhere = aPolicy({ egress: [allow(['0.0.0.0/0'])] });
const https = aPolicy({ egress: [allow(['0.0.0.0/0'], 443)] });
const partner = aPolicy({ egress: [allow(['52.95.110.1/32'], 443)] });

describe('egress-unrestricted', () => {
  test('a pod with no policy, with one for ingress only, or with one that allows all fails', () => {
    expect(verdictOf(egressUnrestricted)).toBe('fail');
    expect(verdictOf(egressUnrestricted, aPolicy({ policyTypes: ['Ingress'] }))).toBe('fail');
    expect(verdictOf(egressUnrestricted, aPolicy({ egress: [{}] }))).toBe('fail');
    expect(verdictOf(egressUnrestricted, everywhere)).toBe('fail');
  });

  test('an except does not hide open ranges', () => {
    const except = { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['8.8.8.8/32', '10.0.0.0/8'] } }] };
    expect(verdictOf(egressUnrestricted, aPolicy({ egress: [except] }))).toBe('fail');
  });

  test('the open IPv6 internet fails as the IPv4 internet does', () => {
    expect(verdictOf(egressUnrestricted, aPolicy({ egress: [allow(['::/0'])] }))).toBe('fail');
  });

  test('every open TCP port fails, one open port does not', () => {
    const ports = [{ protocol: 'TCP', port: 1, endPort: 65535 }];
    expect(verdictOf(egressUnrestricted, aPolicy({ egress: [{ ports }] }))).toBe('fail');
    expect(verdictOf(egressUnrestricted, https)).toBe('pass');
    expect(verdictOf(egressUnrestricted, denyAll)).toBe('pass');
  });

  test('a second policy can open what the first closed', () => {
    expect(verdictOf(egressUnrestricted, denyAll, { ...everywhere, name: 'other' })).toBe('fail');
  });

  test('a policy that cannot be understood leaves it open', () => {
    const strange = aPolicy({ egress: [{ to: [{ ipBlock: { cidr: 'everything' } }] }] });
    expect(verdictOf(egressUnrestricted, strange)).toBe('not-evaluated');
  });
});

describe('egress-insecure-port', () => {
  test('a public address on port 80, 22, 21 or 23 fails', () => {
    for (const port of [80, 22, 21, 23]) {
      expect(verdictOf(egressInsecurePort, aPolicy({ egress: [allow(['198.41.0.4/32'], port)] }))).toBe(
        'fail',
      );
    }
    expect(verdictOf(egressInsecurePort)).toBe('fail');
  });

  test('port 443 and private addresses pass', () => {
    expect(verdictOf(egressInsecurePort, https)).toBe('pass');
    expect(verdictOf(egressInsecurePort, aPolicy({ egress: [allow(['10.0.0.0/8', 'fd00::/8'], 80)] }))).toBe(
      'pass',
    );
  });

  const named = (host: string, port: number): PolicyObject => ({
    ...aPolicy({ egress: [{ to: [{ domainNames: [host] }], ports: [{ protocol: 'TCP', port }] }] }),
    apiVersion: 'networking.k8s.aws/v1alpha1',
    kind: 'ApplicationNetworkPolicy',
  });

  test('a public name on an insecure port fails, as git over SSH does', () => {
    const subject = aClass();
    const context = aContext(subject, { policies: [named('github.com', 22)] });
    expect(egressInsecurePort.evaluate(subject, context)).toMatchObject([
      {
        verdict: 'fail',
        message:
          'Can reach github.com on TCP 22: allowed by ApplicationNetworkPolicy shop/policy: spec.egress[0].',
        evidence: { ports: [], hosts: [{ host: 'github.com', ports: [22] }], hostCount: 1 },
      },
    ]);
    for (const port of [80, 21, 23]) {
      expect(verdictOf(egressInsecurePort, named('*.example.com', port))).toBe('fail');
    }
  });

  test('names on other ports, private names and approved names pass', () => {
    expect(verdictOf(egressInsecurePort, named('github.com', 443))).toBe('pass');
    expect(verdictOf(egressInsecurePort, named('api.shop.svc.cluster.local', 80))).toBe('pass');
    expect(verdictOf(egressInsecurePort, named('*.eu-west-1.compute.internal', 22))).toBe('pass');
    expect(verdictOf(egressInsecurePort, named('internal.example.com', 22))).toBe('fail');
    const subject = aClass();
    const config = defaultConfig();
    const approved = [
      { name: 'git', cidrs: [], hosts: ['git.example.com'], awsService: null, ports: [22], protocols: null },
    ] as const;
    const context = (port: number) =>
      aContext(subject, {
        policies: [named('git.example.com', port)],
        config: { ...config, egress: { ...config.egress, approved } },
      });
    expect(egressInsecurePort.evaluate(subject, context(22))[0]?.verdict).toBe('pass');
    expect(egressInsecurePort.evaluate(subject, context(80))[0]?.verdict).toBe('fail');
  });

  test('approved destinations are left out of the finding', () => {
    const subject = aClass();
    const config = defaultConfig();
    const approved = [
      { name: 'legacy', cidrs: ['198.41.0.4/32'], hosts: [], awsService: null, ports: [80], protocols: null },
    ] as const;
    const context = aContext(subject, {
      policies: [aPolicy({ egress: [allow(['198.41.0.4/32'], 80)] })],
      config: { ...config, egress: { ...config.egress, approved } },
    });
    expect(egressInsecurePort.evaluate(subject, context)[0]?.verdict).toBe('pass');
  });
});

describe('egress-package-registry', () => {
  test('the internet on 443 or 80 reaches package registries, and a partner address does not', () => {
    expect(verdictOf(egressPackageRegistry)).toBe('fail');
    expect(verdictOf(egressPackageRegistry, https)).toBe('fail');
    expect(verdictOf(egressPackageRegistry, aPolicy({ egress: [allow(['0.0.0.0/0'], 80)] }))).toBe('fail');
    expect(verdictOf(egressPackageRegistry, aPolicy({ egress: [allow(['0.0.0.0/0'], 5432)] }))).toBe('pass');
    expect(verdictOf(egressPackageRegistry, partner)).toBe('pass');
    expect(verdictOf(egressPackageRegistry, denyAll)).toBe('pass');
  });
});

describe('egress-instance-metadata', () => {
  test('either metadata address on TCP 80 fails and is named', () => {
    const subject = aClass();
    const policies = [aPolicy({ egress: [allow(['169.254.169.254/32'], 80)] })];
    expect(egressInstanceMetadata.evaluate(subject, aContext(subject, { policies }))).toMatchObject([
      { verdict: 'fail', evidence: { addresses: ['169.254.169.254'] } },
    ]);
    expect(verdictOf(egressInstanceMetadata, aPolicy({ egress: [allow(['fd00:ec2::254/128'], 80)] }))).toBe(
      'fail',
    );
  });

  test('an except that omits the IPv6 metadata address is found', () => {
    const rule = {
      to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }, { ipBlock: { cidr: '::/0' } }],
    };
    const subject = aClass();
    const context = aContext(subject, { policies: [aPolicy({ egress: [rule] })] });
    expect(egressInstanceMetadata.evaluate(subject, context)).toMatchObject([
      { verdict: 'fail', evidence: { addresses: ['fd00:ec2::254'] } },
    ]);
  });

  test('other ports and other link-local addresses pass', () => {
    expect(verdictOf(egressInstanceMetadata, aPolicy({ egress: [allow(['169.254.169.254/32'], 443)] }))).toBe(
      'pass',
    );
    expect(verdictOf(egressInstanceMetadata, aPolicy({ egress: [allow(['169.254.169.253/32'], 80)] }))).toBe(
      'pass',
    );
  });
});

describe('egress-instance-metadata beside the settings of nodes', () => {
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html
  const closedNode: InstanceMetadata = { enabled: true, tokens: 'required', hopLimit: 1, ipv6: false };
  const judge = (
    nodes: readonly (Partial<InstanceMetadata> | 'fargate' | 'hybrid' | null)[],
    hostNetwork = false,
  ) => {
    const placements = nodes.map((one): Placement => {
      if (one === 'fargate' || one === 'hybrid') return { network: { compute: one, agents: [] }, pods: 1 };
      const metadata = one === null ? {} : { metadata: { ...closedNode, ...one } };
      return { network: { compute: 'ec2', agents: [], ...metadata }, pods: 1 };
    });
    const subject = { ...aClass({ spec: aSpec({ hostNetwork }) }), placements };
    return egressInstanceMetadata.evaluate(subject, aContext(subject))[0];
  };

  test.each<[string, Parameters<typeof judge>, RegExp]>([
    ['IMDSv2 is required and its tokens end at the node', [[{}]], /Only the metadata settings of its nodes/],
    [
      'the service is off',
      [[{ enabled: false, tokens: 'optional' }]],
      /Only the metadata settings of its nodes/,
    ],
    ['IMDSv1 answers whatever the hop limit', [[{ tokens: 'optional' }]], /Its nodes answer such requests/],
    ['tokens travel further', [[{ hopLimit: 2 }]], /Its nodes answer such requests/],
    ['one of its nodes answers', [[{}, { hopLimit: 2 }]], /Its nodes answer such requests/],
    [
      'one node answers and another was not read',
      [[null, { hopLimit: 2 }]],
      /Its nodes answer such requests/,
    ],
    ['no hop limit stops the network of the node', [[{}], true], /Its nodes answer such requests/],
  ])('%s: the check fails by the policies of the pod, and says so', (_, nodes, message) => {
    expect(judge(...nodes)).toMatchObject({ verdict: 'fail', message: expect.stringMatching(message) });
  });

  test.each<[string, Parameters<typeof judge>[0]]>([
    ['no node was asked about', [null]],
    ['some node was not', [{}, null]],
    ['EC2 did not say', [{ tokens: null }]],
  ])('%s: the check fails by the policies of the pod alone', (_, nodes) => {
    expect(judge(nodes)).toMatchObject({
      verdict: 'fail',
      message: expect.stringMatching(/restricts its egress\.$/),
    });
  });

  test('the evidence holds the metadata options of nodes, or that they were not read', () => {
    expect(judge([{}, {}])).toMatchObject({ evidence: { nodes: [closedNode] } });
    expect(judge([null])).toMatchObject({ evidence: { nodes: 'not read' } });
  });

  // "IMDS isn't available to Pods that are deployed to Fargate nodes", https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
  test('a Fargate pod has no instance metadata to reach', () => {
    expect(judge(['fargate'])).toMatchObject({ verdict: 'pass' });
    expect(judge(['fargate', null])).toMatchObject({ verdict: 'fail' });
    expect(judge(['hybrid', 'fargate'])).toMatchObject({ verdict: 'pass' });
    expect(judge(['hybrid', null])).toMatchObject({ verdict: 'fail' });
  });
});

describe('egress-host-network', () => {
  test('only hostNetwork fails', () => {
    const host = aClass({ spec: aSpec({ hostNetwork: true }) });
    expect(egressHostNetwork.evaluate(host, aContext(host))).toMatchObject([{ verdict: 'fail' }]);
    expect(verdictOf(egressHostNetwork)).toBe('pass');
  });

  test('a deny-all policy does not make a pod with hostNetwork look closed', () => {
    const host = aClass({ spec: aSpec({ hostNetwork: true }) });
    const context = aContext(host, { policies: [denyAll] });
    expect(egressUnrestricted.evaluate(host, context)).toMatchObject([{ verdict: 'fail' }]);
  });
});

describe('runtime-library-update', () => {
  interface Facts {
    readonly container?: Partial<ContainerFacts>;
    readonly pod?: Parameters<typeof aSpec>[0];
    readonly policies?: readonly PolicyObject[];
    readonly missing?: readonly ('networkpolicies' | 'nodes')[];
  }
  const judge = ({ container, pod, policies, missing }: Facts) => {
    const subject = aClass({ spec: aSpec({ containers: [aContainer('app', container)], ...pod }) });
    const context = aContext(subject, { policies: policies ?? [], missing: missing ?? [] });
    return runtimeLibraryUpdate.evaluate(subject, context)[0]?.verdict;
  };

  test('the check fails only when all three facts hold in one container', () => {
    expect(judge({})).toBe('fail');
    expect(judge({ container: { readOnlyRootFilesystem: true } })).toBe('pass');
    expect(judge({ container: { runAsNonRoot: true } })).toBe('pass');
    expect(judge({ container: { runAsUser: 1000 } })).toBe('pass');
    expect(judge({ policies: [denyAll] })).toBe('pass');
  });

  test('the securityContext of the container precedes that of the pod', () => {
    expect(judge({ pod: { runAsNonRoot: true } })).toBe('pass');
    expect(judge({ pod: { runAsUser: 1000 } })).toBe('pass');
    expect(judge({ pod: { runAsNonRoot: true }, container: { runAsNonRoot: false } })).toBe('fail');
    expect(judge({ pod: { runAsUser: 1000 }, container: { runAsUser: 0 } })).toBe('fail');
    expect(judge({ pod: { runAsUser: 0 }, container: { runAsUser: 1000 } })).toBe('pass');
  });

  test('the three facts must come from one container', () => {
    const containers = [
      aContainer('root', { readOnlyRootFilesystem: true }),
      aContainer('writable', { runAsNonRoot: true }),
    ];
    const subject = aClass({ spec: aSpec({ containers }) });
    const outcomes = runtimeLibraryUpdate.evaluate(subject, aContext(subject));
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
  });

  test('with unread policies the check is not evaluated, except where another fact decides it', () => {
    const missing = ['networkpolicies'] as const;
    expect(judge({ missing })).toBe('not-evaluated');
    expect(judge({ missing, container: { readOnlyRootFilesystem: true } })).toBe('pass');
    expect(judge({ missing, container: { runAsNonRoot: true } })).toBe('pass');
    expect(judge({ missing, pod: { hostNetwork: true } })).toBe('fail');
  });

  test('with unread nodes a user other than root decides nothing for a pod that may run on Windows', () => {
    const missing = ['nodes'] as const;
    const hardened = { runAsNonRoot: true, readOnlyRootFilesystem: true };
    for (const container of [{ runAsNonRoot: true }, { runAsUser: 1000 }, hardened]) {
      expect(judge({ missing, container, pod: { os: null } })).toBe('not-evaluated');
      expect(judge({ missing, container, pod: { os: 'linux' } })).toBe('pass');
      expect(judge({ missing, container, pod: { os: null }, policies: [denyAll] })).toBe('pass');
    }
    expect(judge({ missing, pod: { os: null } })).toBe('fail');
  });

  test('on Windows the check is not evaluated, unless nothing can be reached', () => {
    expect(judge({ pod: { os: 'windows' } })).toBe('not-evaluated');
    expect(judge({ pod: { os: 'windows' }, policies: [denyAll] })).toBe('pass');
  });
});
