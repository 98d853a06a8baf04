import type { Reach, Unknown } from '../../egress/sets/reach.ts';
import type { Finding } from '../../findings/finding.ts';
import type { FoldedCause } from '../../findings/fold-causes.ts';
import type { Draft } from '../../questions/drafts.ts';
import { count, listed, workloadName } from '../../report/words.ts';
import { enforcementNotes } from './egress-suggest.ts';
import { isNothing, reachSummary } from './ranges.ts';

const MOST = 10;

/** What must be known of a draft before anybody applies it, each a sentence or two. */
export function draftNotes(draft: Draft, { findings }: FoldedCause): readonly string[] {
  const { unlabelled, alsoSelects, dnsSeen, nodeLocalDns, notKept, left, remaining, appearing } = draft;
  const gone = findings.length - remaining.length;
  return [
    'DRAFT, not ready to be applied: nothing in it comes from traffic that was observed.',
    'First see what it takes away with the command below, then review it with those who own the workloads, and try it where an outage does no harm.',
    'It keeps DNS, traffic to pods of this cluster, and what the configuration approves by address.',
    ...cutNotes(draft.cuts),
    'Cut as well, unless approved: the API server of Kubernetes, the addresses of nodes, and load balancers, databases and other addresses in the VPC that are no pods.',
    ...notKept.map((sentence) => `Not kept: ${sentence}`),
    ...(left.length === 0
      ? []
      : [
          `Warning: not in this draft, and to be changed with it: ${listed(left, MOST)}. As long as one of these rules is left, what it opens stays open.`,
        ]),
    ...(dnsSeen ? [] : ['Warning: no DNS server was seen in kube-system; allow the one that the pods use.']),
    ...(nodeLocalDns
      ? ['Warning: NodeLocal DNSCache answers on each node; allow its address, mostly 169.254.20.10.']
      : []),
    ...(unlabelled.length === 0
      ? []
      : [
          `Not covered: ${names(unlabelled)}. Their pods have no lasting label of their own; give their templates one.`,
        ]),
    ...(alsoSelects.length === 0
      ? []
      : [
          `Warning: it selects ${names(alsoSelects)} as well, and opens for them what it keeps. Give the pods a label that no other workload has.`,
        ]),
    ...enforcementNotes(draft),
    `Judged again with it: ${gone} of ${count(findings.length, 'finding')} of this cause would be gone.`,
    ...(remaining.length === 0 ? [] : [`Would remain: ${listed(remaining.map(findingText), MOST)}.`]),
    ...(appearing.length === 0 ? [] : [`Would be new: ${listed(appearing.map(findingText), MOST)}.`]),
  ];
}

/** What a draft takes away, workloads with the same loss together. */
function cutNotes(cuts: Draft['cuts']): readonly string[] {
  const byLoss = Map.groupBy(cuts, ({ lost }) => lossText(lost));
  return [...byLoss].map(([loss, of]) => `${names(of.map(({ workload }) => workload))}: ${loss}.`);
}

const lossText = (lost: Reach | Unknown): string =>
  'unknown' in lost
    ? `what would be cut is not known (${lost.unknown})`
    : isNothing(lost)
      ? 'nothing that its policies allow outside of the cluster would be cut'
      : `would lose ${shortened(reachSummary(lost))}`;

const shortened = (text: string): string => (text.length <= 400 ? text : `${text.slice(0, 397)}...`);

const names = (workloads: readonly Finding['workload'][]): string =>
  listed(workloads.map(workloadName), MOST);

const findingText = ({ check, workload }: Finding): string => `${check} of ${workloadName(workload)}`;
