import type { NamedOn } from '../../egress/answers/named.ts';
import type { InternetReach } from '../../egress/sets/reach.ts';
import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, supports } from '../check.ts';
import {
  ATTACK_T1048,
  ATTACK_T1105,
  BSI_SYS_1_6_A5,
  FEDRAMP_CNA_RNT,
  NIST_4_4_2,
  NIST_53_CM_7_1,
  NSA_CISA_NETWORK_POLICIES,
  PCI_DSS_1_2_6,
  PCI_DSS_1_3_2,
  PCI_DSS_2_2_5,
} from '../controls.ts';
import { egressPolicy } from '../example.ts';
import { anyOf, firstOf } from '../new-facts.ts';
import { newHosts, widerPorts } from './new-reach.ts';
import { describeReach, isAny, outcomeOf } from './reach.ts';
import { REACH_CAUSES } from './reach-cause.ts';

export const egressInsecurePort: Check = {
  id: 'egress-insecure-port',
  title: 'The internet is reachable on plaintext or remote-shell ports',
  category: 'egress',
  severity: 'high',
  cause: ofWorkload('rule-too-wide'),
  otherCauses: REACH_CAUSES,
  failsWhen:
    'A public address, or a host rule that admits a public name, outside the approved destinations is reachable on one of the configured TCP ports (by default 21, 22, 23, 80).',
  notEvaluatedWhen:
    'A policy that selects the pod is not understood, or it is not known whether it is enforced, and the verdict depends on that.',
  notApplicableTo: null,
  why: 'Content fetched over plaintext, such as package lists and scripts, can be changed in transit. Remote shells can carry data out of the cluster unnoticed.',
  evidence:
    'ports: each insecure port with the share of public IPv4 and IPv6 addresses reachable on it; hosts: the first of the host rules that admit public names on these ports, with the ports; hostCount: how many there are.',
  newFacts: anyOf(widerPorts, newHosts),
  remediation:
    'Allow TCP 443 to the destinations needed instead, and leave 80, 21, 22 and 23 out of the policy.',
  patch: `spec:
  egress:
    - to:
        - ipBlock: { cidr: ADDRESS/32 }
      ports:
        - { protocol: TCP, port: 443 }`,
  verify: 'eks-drift-audit egress NAMESPACE/WORKLOAD --explain',
  controls: [
    supports(NSA_CISA_NETWORK_POLICIES, 'after a default deny only permissible connections are opened'),
    supports(NIST_4_4_2, 'asks for control of the egress that containers send'),
    supports(PCI_DSS_1_2_6, 'insecure services, protocols and ports in use must be mitigated'),
    supports(PCI_DSS_1_3_2, 'outbound traffic only where necessary'),
    supports(BSI_SYS_1_6_A5, 'only the communication necessary for operation'),
    supports(ATTACK_T1048, 'FTP and HTTP are among the protocols used to take data out'),
    supports(ATTACK_T1105, 'FTP is among the protocols used to bring tools in'),
    supports(NIST_53_CM_7_1, 'asks to disable protocols that are not secure'),
    supports(FEDRAMP_CNA_RNT, 'asks to limit outbound network traffic'),
    supports(PCI_DSS_2_2_5, 'an insecure protocol needs a business reason and less risk'),
  ],
  exposure: 0.8,
  examples: [
    {
      title: 'a policy that allows plain HTTP to a public address',
      verdict: 'fail',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 52.95.110.1/32 } }], ports: [{ port: 80 }] }]'),
    },
    {
      title: 'a policy that allows HTTPS',
      verdict: 'pass',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 52.95.110.1/32 } }], ports: [{ port: 443 }] }]'),
    },
  ],
  needs: POLICY_RESOURCES,
  evaluate(subject, context): readonly Outcome[] {
    const { insecurePorts } = context.config.egress;
    const { policies } = context.egress().answer;
    return [
      outcomeOf({ subject, context }, (pods) => {
        const byAddress = insecurePorts
          .map((port) => ({ port, reach: pods.internetOn(port) }))
          .filter(({ reach }) => isAny(reach));
        const names = pods.publicNamesOn(insecurePorts);
        if (byAddress.length === 0 && names.length === 0) return null;
        const asked = { internet: byAddress.map(({ port }) => port), hosts: names.map(({ host }) => host) };
        const because = pods.because(asked);
        return {
          verdict: 'fail',
          container: null,
          message: `Can reach ${[...addressesText(byAddress), ...namesText(names)].join(' and ')}: ${because}.`,
          evidence: {
            ports: byAddress.map(({ port, reach }) => ({
              port,
              ipv4Share: reach.ipv4,
              ipv6Share: reach.ipv6,
            })),
            ...firstOf(
              'hosts',
              names.map(({ host, ports }) => ({ host, ports })),
              MOST_HOSTS,
            ),
            hostCount: names.length,
            policies,
          },
          asked,
        };
      }),
    ];
  },
};

const MOST_HOSTS = 10;
const MOST_IN_MESSAGE = 3;

interface OpenPort {
  readonly port: number;
  readonly reach: InternetReach;
}

function addressesText(open: readonly OpenPort[]): readonly string[] {
  if (open.length === 0) return [];
  const size = ({ reach }: OpenPort): number => Math.max(reach.ipv4, reach.ipv6);
  const widest = open.reduce((a, b) => (size(b) > size(a) ? b : a));
  return [`${describeReach(widest.reach)} on TCP ${open.map(({ port }) => port).join(', ')}`];
}

function namesText(hosts: readonly NamedOn[]): readonly string[] {
  const shown = hosts
    .slice(0, MOST_IN_MESSAGE)
    .map(({ host, ports }) => `${host} on TCP ${ports.join(', ')}`);
  const rest = hosts.length - shown.length;
  return shown.length === 0 ? [] : [`${shown.join('; ')}${rest > 0 ? ` and ${rest} more names` : ''}`];
}
