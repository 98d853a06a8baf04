import { POLICY_RESOURCES } from '../../inventory/resources.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { ATTACK_T1552_005, CIS_EKS_5_2_1, NIST_53_AC_6, NSA_CISA_CLOUD_METADATA } from '../controls.ts';
import { egressPolicy } from '../example.ts';
import { anyOf, newItems, newTexts } from '../new-facts.ts';
import { moreOpenNodes, type NodeMetadata, nodeMetadataOf } from './node-metadata.ts';
import { outcomeOf } from './reach.ts';
import { REACH_CAUSES } from './reach-cause.ts';

/**
 * The instance metadata service answers on TCP 80 at these two link-local addresses.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
const METADATA_ADDRESSES = ['169.254.169.254', 'fd00:ec2::254'] as const;

/** What nodes do is reported, but does not decide: the next node group may be configured differently, and no policy would protect the pods. */
const MEANWHILE: Readonly<Record<NodeMetadata['answer'], string>> = {
  absent: '',
  refused: ' Only the metadata settings of its nodes protect the credentials.',
  open: ' Its nodes answer such requests.',
  unread: '',
};

export const egressInstanceMetadata: Check = {
  id: 'egress-instance-metadata',
  title: "The node's instance metadata service is reachable",
  category: 'egress',
  severity: 'high',
  cause: ofWorkload('rule-too-wide'),
  otherCauses: REACH_CAUSES,
  failsWhen: 'TCP 80 at 169.254.169.254 or fd00:ec2::254 is reachable.',
  notEvaluatedWhen:
    'A policy that selects the pod is not understood, or it is not known whether it is enforced, and the verdict depends on that.',
  notApplicableTo: null,
  why: "The metadata service hands out the credentials of the node's IAM role: a pod that reaches it can act as the node.",
  evidence:
    'addresses: the metadata addresses that are reachable; nodes: the metadata options of their nodes, where EC2 was read.',
  newFacts: anyOf(
    newTexts('addresses', 'addresses', (address) => `reaches ${address}`),
    newItems('nodes', 'nodes', moreOpenNodes),
  ),
  remediation:
    'Exclude the metadata addresses from the egress policy, require IMDSv2 on the nodes and set their hop limit to 1.',
  patch: `spec:
  egress:
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [169.254.169.254/32]
        - ipBlock:
            cidr: ::/0
            except: ["fd00:ec2::254/128"]`,
  verify:
    'kubectl -n NAMESPACE exec POD -- curl -sm 2 http://169.254.169.254/latest/meta-data/   # must time out',
  controls: [
    supports(
      CIS_EKS_5_2_1,
      'workloads should not act with the role of their node, which this service hands out',
    ),
    supports(
      NSA_CISA_CLOUD_METADATA,
      'asks to keep pods from metadata services, by network policy or cloud configuration',
    ),
    supports(ATTACK_T1552_005, 'mitigations M1035 and M1037 limit access to this service'),
    supports(
      NIST_53_AC_6,
      'a process should have no more privileges than it needs, and this service hands out those of the node',
    ),
  ],
  exposure: 0.8,
  examples: [
    {
      title: 'no policy',
      verdict: 'fail',
    },
    {
      title: 'a policy without the addresses of the service',
      verdict: 'pass',
      others: egressPolicy('[{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [169.254.169.254/32] } }] }]'),
    },
  ],
  needs: POLICY_RESOURCES,
  evaluate(subject, context): readonly Outcome[] {
    const nodes = nodeMetadataOf(subject);
    if (nodes.answer === 'absent') return [pass()];
    const { policies } = context.egress().answer;
    return [
      outcomeOf({ subject, context }, (pods) => {
        const addresses = METADATA_ADDRESSES.filter((address) => pods.reaches(address, 80));
        if (addresses.length === 0) return null;
        const asked = { addresses: addresses.map((address) => ({ address, port: 80 })) };
        return {
          verdict: 'fail',
          container: null,
          message: `Can reach the instance metadata service at ${addresses.join(' and ')}: ${pods.because(asked)}.${MEANWHILE[nodes.answer]}`,
          evidence: { addresses, policies, nodes: nodes.evidence },
          asked,
        };
      }),
    ];
  },
};
