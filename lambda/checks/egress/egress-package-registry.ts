import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, supports } from '../check.ts';
import {
  ATTACK_T1105,
  BSI_SYS_1_6_A5,
  FEDRAMP_CNA_RNT,
  ISO_27001_A_8_19,
  NIST_4_4_2,
  NIST_53_CM_11,
  NIST_53_SC_7_5,
  NSA_CISA_NETWORK_POLICIES,
  PCI_DSS_1_3_2,
} from '../controls.ts';
import { egressPolicy } from '../example.ts';
import { anyOf, newTexts } from '../new-facts.ts';
import { newHosts, widerPorts } from './new-reach.ts';
import { outcomeOf } from './reach.ts';
import { REACH_CAUSES } from './reach-cause.ts';
import { registryReach } from './registry-reach.ts';

export const egressPackageRegistry: Check = {
  id: 'egress-package-registry',
  title: 'A package registry is reachable',
  category: 'egress',
  severity: 'high',
  cause: ofWorkload('rule-too-wide'),
  otherCauses: REACH_CAUSES,
  failsWhen:
    'A host rule admits a package registry or mirror on any TCP port, an address of the configured registries or proxies is reachable, or 1/256 of the internet or more is reachable on TCP 443 or 80.',
  notEvaluatedWhen:
    'Only address ranges of content delivery networks, which serve registries and many other sites, or the host name shared by all Amazon S3 buckets are reachable. A policy that selects the pod is not understood, or it is not known whether it is enforced, and the verdict depends on that.',
  notApplicableTo: null,
  why: 'apt, pip, npm and the like can then replace libraries at run time: what runs is no longer what was built, scanned and recorded in the SBOM.',
  evidence:
    'hosts: the first of the host rules that admit a registry; registries: which ones; addresses: reachable addresses of the configured registries and proxies; ports: 443 or 80 with the share of public addresses reachable.',
  newFacts: anyOf(
    newHosts,
    newTexts('addresses', 'addresses', (range) => `reaches ${range}`),
    widerPorts,
  ),
  remediation:
    'Build packages into the image, mirror what must be loaded at run time inside the VPC, and allow egress only to the addresses that the workload needs.',
  patch: `spec:
  egress:
    - to:
        - ipBlock: { cidr: ADDRESS/32 }   # instead of 0.0.0.0/0
      ports:
        - { protocol: TCP, port: 443 }`,
  verify: 'eks-drift-audit egress NAMESPACE/WORKLOAD --explain',
  controls: [
    supports(NSA_CISA_NETWORK_POLICIES, 'after a default deny only permissible connections are opened'),
    supports(NIST_4_4_2, 'asks for control of the egress that containers send'),
    supports(PCI_DSS_1_3_2, 'outbound traffic only where necessary'),
    supports(BSI_SYS_1_6_A5, 'only the communication necessary for operation'),
    supports(ATTACK_T1105, 'mitigation M1037 keeps tools and payloads from being downloaded'),
    supports(NIST_53_CM_11, 'asks to enforce how software is installed; this is where it is installed from'),
    supports(NIST_53_SC_7_5, 'asks to allow network traffic by exception'),
    supports(FEDRAMP_CNA_RNT, 'asks to limit outbound network traffic'),
    supports(
      ISO_27001_A_8_19,
      'asks to manage the installation of software; this is where it is installed from',
    ),
  ],
  exposure: 0.8,
  examples: [
    {
      title: 'a policy that allows HTTPS to everywhere',
      verdict: 'fail',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 0.0.0.0/0 } }], ports: [{ port: 443 }] }]'),
    },
    {
      title: 'a policy that allows one address',
      verdict: 'pass',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 203.0.113.10/32 } }], ports: [{ port: 443 }] }]'),
    },
  ],
  needs: POLICY_RESOURCES,
  evaluate(subject, context): readonly Outcome[] {
    const { policies } = context.egress().answer;
    return [
      outcomeOf({ subject, context }, (pods) => {
        const reach = registryReach(pods, policies, context.config);
        return reach === null || 'verdict' in reach
          ? reach
          : {
              verdict: 'fail',
              container: null,
              message: `${reach.sentence}.`,
              evidence: reach.evidence,
              asked: reach.asked,
            };
      }),
    ];
  },
};
