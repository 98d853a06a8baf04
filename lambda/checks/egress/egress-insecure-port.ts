import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { type Check, type Outcome, pass } from '../check.ts';
import {
  ATTACK_T1048,
  ATTACK_T1105,
  BSI_SYS_1_6_A5,
  NIST_4_4_2,
  NSA_CISA_NETWORK_POLICIES,
  PCI_DSS_1_2_6,
  PCI_DSS_1_3_2,
} from '../controls.ts';
import { because, describeReach, egressOf, isAny, isUndecided } from './reach.ts';

export const egressInsecurePort: Check = {
  id: 'egress-insecure-port',
  title: 'The internet is reachable on plaintext or remote-shell ports',
  category: 'egress',
  severity: 'high',
  failsWhen:
    'A public address outside the approved destinations is reachable on one of the configured TCP ports (by default 21, 22, 23, 80).',
  why: 'What comes over plaintext can be changed on the way, package lists and scripts among it; a remote shell is a way out for data that inspects as nothing else.',
  evidence: 'ports: each insecure port with the share of public IPv4 and IPv6 addresses reachable on it.',
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
    NSA_CISA_NETWORK_POLICIES,
    NIST_4_4_2,
    PCI_DSS_1_2_6,
    PCI_DSS_1_3_2,
    BSI_SYS_1_6_A5,
    ATTACK_T1048,
    ATTACK_T1105,
  ],
  needs: POLICY_RESOURCES,
  evaluate(subject, context): readonly Outcome[] {
    const view = egressOf(context);
    if (isUndecided(view)) return [view];
    const open = context.config.egress.insecurePorts
      .map((port) => ({ port, ...view.internetOn(port) }))
      .filter(isAny);
    if (open.length === 0) return [pass()];
    const widest = open.reduce((a, b) => (Math.max(b.ipv4, b.ipv6) > Math.max(a.ipv4, a.ipv6) ? b : a));
    return [
      {
        verdict: 'fail',
        container: null,
        message: `Can reach ${describeReach(widest)} on TCP ${open.map(({ port }) => port).join(', ')}: ${because(subject, view)}.`,
        evidence: {
          ports: open.map(({ port, ipv4, ipv6 }) => ({ port, ipv4Share: ipv4, ipv6Share: ipv6 })),
          policies: view.answer.policies,
        },
      },
    ];
  },
};
