import type { Effective } from '../../egress/answers/effective.ts';
import type { ReachView } from '../../egress/answers/reach-view.ts';
import type { Asked } from '../../egress/answers/reasons.ts';
import type { EnforcementGap } from '../../egress/enforcement/enforcement.ts';
import type { InternetReach } from '../../egress/sets/reach.ts';
import { workloadObject } from '../../findings/cause.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { compareText } from '../../inventory/workload.ts';
import type { CauseRef } from '../cause.ts';
import { type CheckContext, type Fail, type Outcome, pass, type Undecided } from '../check.ts';
import { causeOfReach, furtherGap, notEnforced } from './reach-cause.ts';

/**
 * From which share of the public address space on "the internet" is meant. A /8 of IPv4 (or the same
 * share of 2000::/3) is no list of known destinations any more; a policy that leaves out a few ranges of
 * 0.0.0.0/0 still opens the internet.
 */
const WIDE_SHARE = 1 / 256;
/** From which share on "the whole internet" is meant, so that one excluded range hides nothing. */
const WHOLE_SHARE = 1 / 2;

export function isWide(reach: InternetReach): boolean {
  return reach.ipv4 >= WIDE_SHARE || reach.ipv6 >= WIDE_SHARE;
}

export function isWhole(reach: InternetReach): boolean {
  return reach.ipv4 >= WHOLE_SHARE || reach.ipv6 >= WHOLE_SHARE;
}

export function isAny(reach: InternetReach): boolean {
  return reach.ipv4 > 0 || reach.ipv6 > 0;
}

type Unknown = NonNullable<Effective['unknown']>;

/**
 * Asks each reach that the pods may have. More reach never makes a check pass, so that the ways in which policies may
 * be enforced decide together: a check fails if it fails in all of them, passes if it passes in all, and cannot be
 * decided otherwise.
 *
 * @param ask what fails for a reach; null: it passes
 * @returns what fails in any case, the fullest enforcement first; null: nothing in any case
 */
export function judgeReach<T extends object>(
  { possible, unknown }: Effective,
  ask: (reach: ReachView) => T | Undecided | null,
): T | Undecided | null {
  const [first, ...others] = possible;
  const found = ask(first);
  // Each other way decides only whether it is the same in all: as soon as one differs it is not.
  const isSame = others.every((reach) => kindOf(ask(reach)) === kindOf(found));
  if (isSame) return found;
  const open: Unknown = unknown ?? NOT_KNOWN;
  return {
    verdict: 'not-evaluated',
    container: null,
    reason: open.reason,
    message: open.message,
    remediation: open.remedy,
  };
}

/** Where nothing says more of it. */
export const NOT_KNOWN: Unknown = {
  reason: 'policy-not-understood',
  message: 'What the pods reach is not known.',
  remedy: 'See eks-drift-audit egress --explain.',
};

const kindOf = (found: object | null): 'passes' | 'open' | 'fails' =>
  found === null ? 'passes' : isUndecided(found) ? 'open' : 'fails';

const isUndecided = (value: object): value is Undecided =>
  'verdict' in value && value.verdict === 'not-evaluated';

interface Asking {
  readonly subject: PodClass;
  readonly context: CheckContext;
}

/** A finding about what is reached, with what to ask for the rules that open it. */
export interface FailedReach extends Fail {
  readonly asked: Asked;
}

type Ask = (reach: ReachView) => FailedReach | Undecided | null;

/** The outcome of a check about what the pods reach: from which other finding it follows, and what to change. */
export function outcomeOf({ subject, context }: Asking, ask: Ask): Outcome {
  const effective = context.reach();
  const found = judgeReach(effective, ask);
  if (found === null) return pass();
  if (found.verdict !== 'fail') return found;
  const { asked, ...fail } = found;
  return { ...fail, ...rootOf({ subject, context }, ask, asked) };
}

type Root = Required<Pick<Fail, 'impliedBy' | 'cause' | 'remainsBy'>>;

/**
 * One fact is one finding: what pods reach because they use the network of their node, because what closes it is not
 * enforced, or because nothing narrows their egress at all, follows from that.
 */
function rootOf(asking: Asking, ask: Ask, asked: Asked): Root {
  const { subject, context } = asking;
  const { workload } = subject;
  const { cluster } = context;
  if (subject.spec.hostNetwork) {
    const cause: CauseRef = { kind: 'host-network', object: workloadObject(workload) };
    return { impliedBy: 'egress-host-network', cause, remainsBy: causeOnPodNetwork(asking, ask) };
  }
  const declared = context.egress();
  if (ask(declared) === null) {
    const found = context.enforcement();
    if (found.state === 'not-enforced') {
      const gaps = gapsByPods(found.gaps);
      const cause = notEnforced(cluster, gaps[0].because);
      return { impliedBy: 'egress-policy-not-enforced', cause, remainsBy: furtherGap(cluster, gaps) };
    }
    const [actual] = context.reach().possible;
    const cause = causeOfReach({ workload, cluster, declared: actual, asked });
    return { impliedBy: null, cause, remainsBy: null };
  }
  const cause = causeOfReach({ workload, cluster, declared, asked });
  const isOpen = declared.everything && context.reach().possible.every(({ everything }) => everything);
  return { impliedBy: isOpen ? 'egress-unrestricted' : null, cause, remainsBy: withoutEffect(context) };
}

/** What opens it still when the pods no longer use the network of their node. */
function causeOnPodNetwork({ context }: Asking, ask: Ask): CauseRef | null {
  const other = context.onPodNetwork();
  const found = judgeReach(other.context.reach(), ask);
  return found?.verdict === 'fail' ? rootOf(other, ask, found.asked).cause : null;
}

/** Better policies change nothing where none has an effect. */
function withoutEffect({ cluster, enforcement, unenforced }: CheckContext): CauseRef | null {
  const found = enforcement();
  const because = found.state === 'not-enforced' ? gapsByPods(found.gaps)[0].because : unenforced()[0];
  return because === undefined ? null : notEnforced(cluster, because);
}

/** The one that concerns most pods first. */
export function gapsByPods(gaps: readonly EnforcementGap[]): readonly [EnforcementGap, ...EnforcementGap[]] {
  const [worst, ...others] = [...gaps].sort((a, b) => b.pods - a.pods || compareText(a.because, b.because));
  if (worst === undefined) throw new TypeError('A gap in enforcement names what is not enforced.');
  return [worst, ...others];
}

function percent(share: number): string {
  if (share >= 0.995) return 'all';
  if (share >= 0.01) return `${Math.round(share * 100)} %`;
  return 'less than 1 %';
}

/** `all public IPv4 and 50 % of public IPv6 addresses`. */
export function describeReach({ ipv4, ipv6 }: InternetReach): string {
  const parts = [
    ...(ipv4 > 0 ? [`${percent(ipv4)} ${ipv4 >= 0.995 ? '' : 'of '}public IPv4`] : []),
    ...(ipv6 > 0 ? [`${percent(ipv6)} ${ipv6 >= 0.995 ? '' : 'of '}public IPv6`] : []),
  ];
  return `${parts.join(' and ')} addresses`;
}
