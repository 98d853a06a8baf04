import type { PolicyObject } from '../../inventory/policy-object.ts';
import type { Decision } from '../decide/evaluate.ts';
import type { Applied, Policy } from '../policies/policy.ts';
import {
  type AddressSet,
  EVERYTHING,
  fromSpans,
  isNothing,
  NOTHING,
  spansOf,
  union,
} from '../sets/address-set.ts';
import { inAgentOrder } from './aws-order.ts';
import { enforcesPolicy } from './cilium-identity.ts';
import { type NotMatched, notMatchedBy, perhapsSelected } from './cilium-not-matched.ts';
import { asDenial, exceptDenials } from './except.ts';
import { withOtherFamily } from './family.ts';
import { type Departure, isCore } from './policy-engine.ts';
import { lostDenials, lostPorts } from './port-limit.ts';
import {
  mapOptions,
  notEnforced,
  type Open,
  type Option,
  oneOf,
  open,
  optionOf,
  type Possible,
  throughBoth,
} from './possible.ts';
import type { Acting } from './situation.ts';
import { closedAtStart } from './strict-mode.ts';
import { AUTO_MODE_AGENT, EXCEPT_DENIES, MERGED_PORTS } from './vpc-cni.ts';
import { waysOf } from './ways.ts';

export interface ReachInput {
  readonly applied: readonly Applied[];
  readonly unselectedPolicies: readonly NotMatched[];
  readonly objectsOf: (policy: Policy) => readonly PolicyObject[];
  readonly decideOf: (applied: readonly Applied[]) => Decision;
  /** Whether policies for incoming traffic alone select the pods; `null`: not known. */
  readonly ingressOnly: boolean | null;
  readonly undecided: Open | null;
}

/**
 * What is left open by all engines on a node together: each sees only the policies of the kinds that
 * it reads, and traffic must pass them all.
 */
export function enforcedReach(
  input: ReachInput,
  [first, ...others]: readonly [Acting, ...Acting[]],
): Possible {
  return others.reduce<Possible>(
    (reach, acting) => throughBoth(reach, reachOf(input, acting)),
    reachOf(input, first),
  );
}

/** An engine with what it may read of the policies, in each way that is possible. */
function reachOf(input: ReachInput, acting: Acting): Possible {
  const { seen, perhaps } = readBy(input, acting);
  const [first, ...others] = waysOf(
    input.applied,
    seen,
    perhaps.map(({ policies }) => policies),
  );
  const unknown = perhaps[0]?.unknown ?? null;
  return oneOf(
    [reachUnder(input, acting, first), ...others.map((way) => reachUnder(input, acting, way))],
    unknown,
  );
}

/** Policies that an engine reads all or none of. */
interface Unit {
  readonly policies: readonly Applied[];
  readonly unknown: Open;
}

interface Read {
  readonly seen: readonly Applied[];
  readonly perhaps: readonly Unit[];
}

/** One reason, such as a version that is not known, holds for all policies of a kind. */
function readBy({ applied, objectsOf }: ReachInput, acting: Acting): Read {
  const seen: Applied[] = [];
  const perhaps = new Map<string, Applied[]>();
  for (const one of applied) {
    const { policy } = one;
    const objects = objectsOf(policy);
    const answers = objects.map((object) => enforcesPolicy(policy, object, acting));
    const [first] = answers;
    const isOpen = first === undefined || answers.some(({ answer }) => answer !== first.answer);
    if (!isOpen && first.answer === 'no') continue;
    if (!isOpen && first.answer === 'yes') {
      seen.push(one);
      continue;
    }
    const key = isOpen
      ? `policy ${policy.name}`
      : `${objects.map(typeOf).join()} ${first.answer === 'unknown' ? first.why : ''}`;
    const unit = perhaps.get(key);
    if (unit === undefined) perhaps.set(key, [one]);
    else unit.push(one);
  }
  return { seen, perhaps: [...perhaps.values()].map((policies) => unitOf(policies, acting)) };
}

const typeOf = ({ apiVersion, kind }: PolicyObject): string => `${apiVersion} ${kind}`;

const unitOf = (policies: readonly Applied[], { engine }: Acting): Unit => ({
  policies,
  unknown: {
    reason: 'field-missing',
    message: `Whether ${engine.title} enforces ${policies[0]?.policy.name} is not known.`,
    remedy: `See ${engine.link}.`,
  },
});

/** What an engine leaves open of which it is known what it reads. */
function reachUnder(input: ReachInput, acting: Acting, seen: readonly Applied[]): Possible {
  const { engine } = acting;
  const [unselectedPolicy] = notMatchedBy(acting, input.unselectedPolicies, input.objectsOf);
  const all = [
    ...seen,
    ...notMatchedBy(acting, input.unselectedPolicies, input.objectsOf).map(perhapsApplied),
  ];
  if (engine.name !== 'vpc-cni') {
    const found = decided(input, all);
    const unknown =
      unselectedPolicy === undefined
        ? closedByItself(acting, seen)
        : notKnown(perhapsSelected(unselectedPolicy));
    const { unreadKinds } = engine;
    if (unreadKinds !== undefined) {
      return mapOptions({ ...found, unknown: besideUnread(engine.title, unreadKinds) }, (option) =>
        perhapsLess(perhapsMore(option, EVERYTHING)),
      );
    }
    if (unknown === null) return found;
    return unselectedPolicy === undefined
      ? mapOptions({ ...found, unknown }, perhapsLess)
      : { ...found, unknown };
  }
  const objects = seen.flatMap(({ policy }) => input.objectsOf(policy));
  const denials = exceptDenials(coreObjects(seen, input.objectsOf));
  const closed = closedAtStart(acting, input.ingressOnly, seen);
  const policies = [...inAgentOrder(all), ...asDenial(denials), ...closed];
  const undecided = acting.agent.mode === null && closed.length > 0 ? MODE : input.undecided;
  const found = withOtherFamily(withNames(decided({ ...input, undecided }, policies), acting), acting);
  const lost = lostPorts(objects, acting);
  if (lost !== null) {
    const mayOpen = lostDenials(objects, acting) !== null;
    return mapOptions({ ...found, unknown: { reason: 'platform', ...lost } }, (option) =>
      perhapsLess(mayOpen ? perhapsMore(option, EVERYTHING) : option),
    );
  }
  if (isNothing(denials.uncertain)) return found;
  const anyPort = fromSpans(spansOf(denials.uncertain).map(({ span }) => span));
  return mapOptions({ ...found, unknown: notKnown(MERGED) }, (option) => perhapsMore(option, anyPort));
}

const besideUnread = (
  title: string,
  { names, remedy }: { readonly names: string; readonly remedy: string },
): Open => ({
  reason: 'policy-not-understood',
  message: `What these pods may reach is not known: ${title} enforces kinds of policies that are not read (${names}), which may allow or deny anything before other policies count.`,
  remedy,
});

const perhapsApplied = ({ policy }: NotMatched): Applied => ({ policy, definite: false });

const MERGED =
  'Blocks in the except lists of its policies are also listed by other rules within larger blocks, and the VPC CNI may add the ports of the rules for the larger blocks to them.';

const notKnown = (message: string): Open => ({
  reason: 'field-missing',
  message,
  remedy: 'See what its policies declare with eks-drift-audit egress --explain.',
});

const perhapsLess = (option: Option): Option => ({
  ...option,
  reach: { definite: NOTHING, potential: option.reach.potential },
  hosts: { definite: [], potential: option.hosts.potential },
});

const perhapsMore = (option: Option, set: AddressSet): Option => ({
  ...option,
  reach: { definite: option.reach.definite, potential: union(option.reach.potential, set) },
});

function decided(input: ReachInput, policies: readonly Applied[]): Possible {
  if (policies.length === 0) return { options: [open(notEnforced(input.applied))], unknown: null };
  const decision = input.decideOf(policies);
  return {
    options: [optionOf(decision, policies)],
    unknown: decision.certain ? null : (input.undecided ?? UNDECIDED),
  };
}

const MODE: Open = {
  reason: 'field-missing',
  message:
    'Whether the VPC CNI denies traffic of pods by default is not known: the aws-node pods on the node do not specify their enforcing mode.',
  remedy:
    'Set NETWORK_POLICY_ENFORCING_MODE to standard or strict in the pods of aws-node, as a plain value.',
};

const UNDECIDED: Open = {
  reason: 'policy-not-understood',
  message: 'What the policies that are enforced allow is not known.',
  remedy: 'See eks-drift-audit egress --explain.',
};

/**
 * Without Auto Mode the agent passes rules with domain names over: "CIDR is empty, skipping the egress rule"
 * (aws-network-policy-agent, controllers/policyendpoints_controller.go), so that they open nothing.
 */
const withNames = (found: Possible, { agent }: Acting): Possible =>
  agent.container === AUTO_MODE_AGENT
    ? found
    : mapOptions(found, (option) => ({ ...option, hosts: { definite: [], potential: [] } }));

/** Whether Cilium denies pods that no policy selects, except what other policies allow. */
function closedByItself({ engine, agent: { mode } }: Acting, seen: readonly Applied[]): Open | null {
  const denies = seen.some(({ policy, definite }) => definite && policy.defaultAction === 'deny');
  if (engine.name !== 'cilium' || mode !== 'always' || denies) return null;
  return notKnown(
    'Cilium enforces policies always (enable-policy: always), so pods that no policy selects are denied by default, except what other policies allow.',
  );
}

/** What an engine does otherwise, as far as it concerns these policies. */
export function departuresOf({ applied, objectsOf }: ReachInput, acting: Acting): readonly Departure[] {
  const { engine } = acting;
  const excepted =
    engine.name === 'vpc-cni' && !isNothing(exceptDenials(coreObjects(applied, objectsOf)).denied);
  return [...engine.departures(acting), ...(excepted ? [EXCEPT_DENIES, MERGED_PORTS] : [])];
}

const coreObjects = (
  applied: readonly Applied[],
  objectsOf: ReachInput['objectsOf'],
): readonly PolicyObject[] => applied.flatMap(({ policy }) => objectsOf(policy)).filter(isCore);
