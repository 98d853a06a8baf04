import type { NodeNetwork } from '../../inventory/node-network.ts';
import { EVERYTHING, NOTHING } from '../sets/address-set.ts';
import { withinFamilies } from './family.ts';
import { hostReach } from './host-network.ts';
import { type EnforcementInput, NOT_PLACED } from './judge.ts';
import type { PlacedPod } from './placed-pod.ts';
import {
  anyOf,
  NO_POLICY,
  notEnforced,
  type Open,
  type Option,
  oneOf,
  open,
  optionOf,
  type Possible,
} from './possible.ts';
import { enforcedReach } from './reach.ts';
import { type Acting, enforcementOn, type NodeEnforcement, startsClosed } from './situation.ts';
import { closedAtStart } from './strict-mode.ts';
import { STANDALONE } from './vpc-cni.ts';
import { waysOf } from './ways.ts';

type Nobody = Extract<NodeEnforcement, { readonly state: 'nobody' }>;

/** What pods reach where they are, in every way in which their policies may be enforced there. */
export function possibleReach(input: EnforcementInput, pod: PlacedPod): Possible {
  if (input.hostNetwork) return onHostNetwork(input, pod);
  const parts = pod.placements.map(({ network }) =>
    network === null ? unplaced(input, pod) : onNode(input, pod, network),
  );
  const [first, ...others] = parts;
  // Where it ran is gone: it will be on some kind of node again.
  return first === undefined ? { ...unplaced(input, pod), unknown: NOT_PLACED } : others.reduce(anyOf, first);
}

const HOST_NETWORK = 'the pod uses the network of its node, where policies do not apply';

/**
 * An instance of an IPv4 cluster may have an IPv6 address, too, where its subnet gives it one
 * (AssignIpv6AddressOnCreation), and what is read of nodes does not rule that out: IPv6 counts, and the reason says so.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html
 */
function openOnHost({ ipFamily }: EnforcementInput['network']['settings']): Option {
  const all = open(HOST_NETWORK);
  if (ipFamily === 'ipv6' || ipFamily === 'both') return all;
  const ipv6 = { set: { ...EVERYTHING, v4: NOTHING.v4 }, because: `${HOST_NETWORK}; ${IF_IT_HAS_IPV6}` };
  return { ...all, opened: [ipv6, ...all.opened] };
}

const IF_IT_HAS_IPV6 = 'IPv6 addresses are reachable only if the node has one itself';

function onHostNetwork({ network }: EnforcementInput, { placements }: PlacedPod): Possible {
  const found = hostReach(network, placements);
  return {
    options: [openOnHost(network.settings)],
    unknown:
      'unknown' in found
        ? { reason: 'field-missing', message: found.unknown, remedy: 'See egress-host-network.' }
        : null,
  };
}

/** Pods that are on no node that was read: on which kind of node they will be is not known. */
function unplaced(input: EnforcementInput, pod: PlacedPod): Possible {
  const [first, ...others] = input.network.kinds.map((kind) => onNode(input, pod, kind));
  return first === undefined ? underAnyEngine(input, NOT_PLACED) : oneOf([first, ...others], NOT_PLACED);
}

/** What pods reach on one kind of node. */
function onNode(input: EnforcementInput, pod: PlacedPod, node: NodeNetwork): Possible {
  return withinFamilies(underPolicies(input, pod, node), node, input.network.settings);
}

function underPolicies(input: EnforcementInput, pod: PlacedPod, node: NodeNetwork): Possible {
  const who = enforcementOn(node, pod, input.network);
  const strict = startsClosed(node, input.network.settings);
  if (who.state === 'acting') return enforcedReach(input, who.engines);
  if (who.state === 'nobody') {
    return strict !== false
      ? asAtStart(notApplied(who, strict))
      : { options: [open(notEnforced(input.applied))], unknown: null };
  }
  const { reason, message, remedy } = who;
  const unknown: Open = { reason, message, remedy };
  if (strict !== false && mayStayClosed(input, strict))
    return oneOf([underEngines(input, who.perhaps, unknown), asAtStart(unknown)], unknown);
  // What no policy restricts is open under any engine, except those that deny by default.
  return underEngines(input, who.perhaps, unknown);
}

/** A mode that is not known may be the strict one, but a policy of the pod opens it there where the controller is on. */
function mayStayClosed({ network, ingressOnly, applied }: EnforcementInput, strict: true | null): boolean {
  const controller = network.settings.vpcCniController;
  if (strict === true || !('known' in controller) || !controller.known) return true;
  return closedAtStart({ agent: { mode: null } }, ingressOnly, applied).length > 0;
}

/** Pods to which no policy is applied, and which may stay as closed as they start. */
const asAtStart = (unknown: Open): Possible => ({
  options: [{ ...open(NO_POLICY), reach: { definite: NOTHING, potential: EVERYTHING } }],
  unknown,
});

/** @param strict `null`: whether new pods start closed is not known */
function notApplied({ because, link }: Nobody, strict: true | null): Open {
  const start = strict
    ? 'New pods here have no traffic until policies are applied to them (strict mode): what these pods reach is not known.'
    : 'Whether new pods here have no traffic until policies are applied to them (strict mode) is not known.';
  const change =
    because === STANDALONE.text
      ? 'Let a controller own the pods, such as a Deployment or a Job'
      : 'Have policies applied to the pods';
  return {
    reason: 'field-missing',
    message: `${because} ${start}`,
    remedy: `${change}, and audit again; see ${link}.`,
  };
}

/**
 * Engines of which it is not known whether they act. Traffic must pass those that do, so that all of them leave the
 * least open and none the most; what some of them leave open lies between.
 */
function underEngines(
  input: EnforcementInput,
  engines: readonly [Acting, ...Acting[]] | null,
  unknown: Open,
): Possible {
  if (engines === null) return underAnyEngine(input, unknown);
  const nobody: Possible = { options: [open(notEnforced(input.applied))], unknown: null };
  return oneOf([enforcedReach(input, engines), nobody], unknown);
}

/** An engine that is not known may read any kinds of policies, or none. */
function underAnyEngine(input: EnforcementInput, unknown: Open): Possible {
  const { applied, objectsOf, decideOf } = input;
  const kinds = Map.groupBy(applied, ({ policy }) =>
    [...new Set(objectsOf(policy).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))].sort().join(),
  );
  const found = waysOf(applied, [], [...kinds.values()]).map((way): Possible => {
    if (way.length === 0) return { options: [open(notEnforced(applied))], unknown: null };
    const decision = decideOf(way);
    return { options: [optionOf(decision, way)], unknown: decision.certain ? null : input.undecided };
  });
  const [first, ...others] = found;
  const nobody: Possible = { options: [open(notEnforced(applied))], unknown: null };
  return first === undefined ? nobody : oneOf([first, ...others, nobody], unknown);
}

/** What the policies say, as if all of them were enforced. */
export function declaredReach({ applied, hostNetwork, decideOf, undecided }: EnforcementInput): Possible {
  if (hostNetwork) return { options: [open(HOST_NETWORK)], unknown: null };
  if (applied.length === 0) return { options: [open(NO_POLICY)], unknown: null };
  const decision = decideOf(applied);
  return { options: [optionOf(decision, applied)], unknown: decision.certain ? null : undecided };
}
