import type { EgressView, InternetReach } from '../../egress/model.ts';
import type { PodClass } from '../../inventory/model.ts';
import type { CheckContext, Undecided } from '../check.ts';

/**
 * From which share of the public address space on "the internet" is meant. A /8 of IPv4 (or the same
 * share of 2000::/3) is no list of known destinations any more; a policy that leaves out a few ranges of
 * 0.0.0.0/0 still opens the internet.
 */
export const WIDE_SHARE = 1 / 256;
/** From which share on "the whole internet" is meant, so that one excluded range hides nothing. */
export const WHOLE_SHARE = 1 / 2;

export function isWide(reach: InternetReach): boolean {
  return reach.ipv4 >= WIDE_SHARE || reach.ipv6 >= WIDE_SHARE;
}

export function isWhole(reach: InternetReach): boolean {
  return reach.ipv4 >= WHOLE_SHARE || reach.ipv6 >= WHOLE_SHARE;
}

export function isAny(reach: InternetReach): boolean {
  return reach.ipv4 > 0 || reach.ipv6 > 0;
}

/** The egress of the class, or why its verdict cannot be given. */
export function egressOf(context: CheckContext): EgressView | Undecided {
  const view = context.egress();
  if (view.undecided === null) return view;
  const { reason, message, remedy } = view.undecided;
  return { verdict: 'not-evaluated', container: null, reason, message, remediation: remedy };
}

export function isUndecided(value: EgressView | Undecided): value is Undecided {
  return 'verdict' in value;
}

/** What explains the reach of a class: its policies, or that there is none. */
export function because(subject: PodClass, view: EgressView): string {
  if (subject.spec.hostNetwork) return 'the pod uses the network of its node, where policies do not apply';
  const { policies } = view.answer;
  if (policies.length === 0) return 'no policy restricts its egress';
  const named = policies.slice(0, 3).join(', ');
  return `allowed by ${named}${policies.length > 3 ? ` and ${policies.length - 3} more` : ''}`;
}

export function percent(share: number): string {
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
