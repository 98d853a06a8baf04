import type { ReachView } from '../../egress/answers/reach-view.ts';
import type { UnapprovedReach } from '../../egress/approved/unapproved.ts';
import type { Ports } from '../../egress/sets/port-set.ts';
import { portsText, rangeText } from '../../egress/sets/words.ts';
import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type CheckContext, type Outcome, supports, type Undecided } from '../check.ts';
import {
  ATTACK_T1071_001,
  ATTACK_T1105,
  BSI_SYS_1_6_A5,
  FEDRAMP_CNA_RNT,
  ISO_27001_A_8_23,
  NIST_4_4_2,
  NIST_53_SC_7_5,
  NSA_CISA_NETWORK_POLICIES,
  PCI_DSS_1_2_5,
  PCI_DSS_1_3_2,
} from '../controls.ts';
import { egressPolicy } from '../example.ts';
import { anyOf, firstOf } from '../new-facts.ts';
import { newHosts, newRanges } from './new-reach.ts';
import { describeReach, type FailedReach, isWide, outcomeOf } from './reach.ts';
import { REACH_CAUSES } from './reach-cause.ts';

const MOST_IN_MESSAGE = 3;
const MOST_HOSTS = 10;

export const egressUnapproved: Check = {
  id: 'egress-unapproved',
  title: 'Unapproved destinations are reachable',
  category: 'egress',
  severity: 'medium',
  cause: ofWorkload('rule-too-wide'),
  otherCauses: REACH_CAUSES,
  failsWhen:
    'A destination outside the cluster (address or name, port and protocol) is reachable and not covered by egress.approved in the configuration. The check does not apply where egress.approved is empty.',
  notEvaluatedWhen:
    'All reachable destinations may be approved or inside the cluster, but the addresses to compare with are not known. A policy that selects the pod is not understood, or it is not known whether it is enforced, and the verdict depends on that.',
  notApplicableTo: 'All workloads, where egress.approved is empty in the configuration.',
  why: 'A policy shows what is allowed, not that it was approved. Data can leave unnoticed through unapproved destinations, and nothing triggers a review of whether they are still needed.',
  evidence:
    'ranges and hosts: the first of what is not approved, with ports; rangeCount and hostCount: how many there are; ipv4Share and ipv6Share: how much of the public addresses that is, on any port.',
  newFacts: anyOf(newRanges, newHosts),
  remediation:
    'Approve what the workload needs under egress.approved in the configuration, and remove the rest from its policies.',
  patch: `# audit.config.yaml
egress:
  approved:
    - { name: PARTNER, cidr: ADDRESS/32, ports: [443], protocols: [TCP] }`,
  verify: 'eks-drift-audit egress NAMESPACE/WORKLOAD --explain --config audit.config.yaml',
  controls: [
    supports(NSA_CISA_NETWORK_POLICIES, 'after a default deny only permissible connections are opened'),
    supports(NIST_4_4_2, 'asks for control of the egress that containers send'),
    supports(PCI_DSS_1_2_5, 'allowed services, protocols and ports are approved and needed'),
    supports(PCI_DSS_1_3_2, 'outbound traffic only where necessary'),
    supports(BSI_SYS_1_6_A5, 'only the communication necessary for operation'),
    supports(ATTACK_T1105, 'mitigation M1037 blocks traffic to unapproved destinations'),
    supports(NIST_53_SC_7_5, 'only connections that are essential and approved are allowed'),
    supports(FEDRAMP_CNA_RNT, 'asks to limit outbound network traffic'),
    supports(ISO_27001_A_8_23, 'asks to manage access to external websites'),
    supports(ATTACK_T1071_001, 'mitigation M1037 lets servers reach approved destinations only'),
  ],
  exposure: 0.4,
  examples: [
    {
      title: 'a destination that the configuration does not approve',
      verdict: 'fail',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 203.0.113.10/32 } }], ports: [{ port: 443 }] }]'),
      config: 'egress: { approved: [{ name: partner, cidr: 198.51.100.0/24 }] }',
    },
    {
      title: 'an approved destination',
      verdict: 'pass',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 203.0.113.10/32 } }], ports: [{ port: 443 }] }]'),
      config: 'egress: { approved: [{ name: partner, cidr: 203.0.113.0/24 }] }',
    },
    {
      title: 'a configuration that approves nothing',
      verdict: 'not-applicable',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 203.0.113.10/32 } }], ports: [{ port: 443 }] }]'),
    },
  ],
  needs: POLICY_RESOURCES,
  notAsked: ({ egress }) =>
    egress.approved.length === 0
      ? 'egress-unapproved does not apply: the configuration approves no destination (egress.approved).'
      : null,
  evaluate(subject, context): readonly Outcome[] {
    return [
      outcomeOf({ subject, context }, (pods) => {
        const found = pods.unapproved();
        if (found.rangeCount === 0 && found.hosts.length === 0) return null;
        // So wide a reach is that of no single service.
        if (found.perhaps.length > 0 && !isWide(found.internet)) return perhapsApproved(found);
        return failOf(context, pods, found);
      }),
    ];
  },
};

function failOf({ egress }: CheckContext, pods: ReachView, found: UnapprovedReach): FailedReach {
  const { ranges, rangeCount, rangesDigest, hosts, internet } = found;
  const asked = { ranges, hosts: hosts.map(({ host }) => host) };
  const why = pods.because(asked);
  return {
    verdict: 'fail',
    container: null,
    message: `Can reach ${describe(found)}, which is not approved: ${why}.`,
    evidence: {
      ranges: ranges.map(({ from, to, ports }) => ({ from, to, ports: toJson(ports) })),
      rangeCount,
      ...(rangesDigest === null ? {} : { rangesDigest }),
      ...firstOf(
        'hosts',
        hosts.map(({ host, ports }) => ({ host, ports: toJson(ports) })),
        MOST_HOSTS,
      ),
      hostCount: hosts.length,
      ipv4Share: internet.ipv4,
      ipv6Share: internet.ipv6,
      policies: egress().answer.policies,
    },
    asked,
  };
}

const toJson = (ports: Ports) =>
  ports === 'all' ? ports : ports.map(({ protocol, from, to }) => ({ protocol, from, to }));

/** What is left may be nothing but what is approved or in the cluster, of which the addresses are not known. */
function perhapsApproved(found: UnapprovedReach): Undecided {
  const what = found.perhaps.join(' or ');
  return {
    verdict: 'not-evaluated',
    container: null,
    reason: 'field-missing',
    message: `Can reach ${describe(found)}; whether these are addresses of ${what} is not known.`,
    remediation:
      'Approve the blocks by cidrs. For the cluster, see aws eks describe-cluster, or audit with --eks; for a service, see aws ec2 get-managed-prefix-list-entries or https://ip-ranges.amazonaws.com/ip-ranges.json.',
  };
}

/** `api.example.com on TCP 443, 10.1.0.0/16 on every port and 4 more`, or how much of the internet. */
function describe(found: UnapprovedReach): string {
  const { hosts, ranges, rangeCount, internet } = found;
  const wide = isWide(internet);
  const addresses = wide
    ? [`${describeReach(internet)} on ${found.ports === null ? 'some ports' : portsText(found.ports)}`]
    : ranges.map((range) => `${rangeText(range)} on ${portsText(range.ports)}`);
  const names = hosts.map(({ host, ports }) => `${host} on ${portsText(ports)}`);
  const shown = [...names, ...addresses].slice(0, MOST_IN_MESSAGE);
  const rest = names.length + (wide ? 1 : rangeCount) - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
