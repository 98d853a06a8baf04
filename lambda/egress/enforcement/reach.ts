import type { PolicyObject } from '../../inventory/model.ts';
import { type AddressSet, EVERYTHING, intersect, isNothing, sameSet } from '../address-set.ts';
import { decide } from '../evaluate.ts';
import type { Applied, Policy } from '../policy.ts';
import { enforcesPolicy } from './cilium-identity.ts';
import { type PassedOver, passedOverBy, perhapsSelected } from './cilium-passed-over.ts';
import { asDenial, exceptDenials } from './except.ts';
import { type Departure, isCore } from './model.ts';
import { lostPorts } from './port-limit.ts';
import type { Acting } from './situation.ts';
import { AUTO_MODE_AGENT, EXCEPT_DENIES, MERGED_PORTS, OTHER_FAMILY } from './vpc-cni.ts';

interface ReachInput {
  readonly applied: readonly Applied[];
  readonly besides: readonly PassedOver[];
  readonly objectsOf: (policy: Policy) => readonly PolicyObject[];
  readonly undecided: string | null;
}

type Reached = { readonly reach: AddressSet } | { readonly unknown: string };

/**
 * What is left open by all engines on a node together: each sees only the policies of the kinds that
 * it reads, and traffic must pass them all.
 */
export function enforcedReach(input: ReachInput, engines: readonly Acting[]): Reached {
  let reach = EVERYTHING;
  for (const acting of engines) {
    const here = reachOf(input, acting);
    if ('unknown' in here) return here;
    reach = intersect(reach, here.reach);
  }
  return { reach };
}

function reachOf(input: ReachInput, acting: Acting): Reached {
  const { engine } = acting;
  const seen: Applied[] = [];
  for (const one of input.applied) {
    const { policy } = one;
    const answers = input.objectsOf(policy).map((object) => enforcesPolicy(policy, object, acting).answer);
    if (answers.length === 0 || answers.some((answer) => answer === 'unknown' || answer !== answers[0])) {
      return { unknown: `Whether ${engine.title} enforces ${policy.name} is not known.` };
    }
    if (answers[0] === 'yes') seen.push(one);
  }
  const [besides] = passedOverBy(acting, input.besides, input.objectsOf);
  if (besides !== undefined) return { unknown: perhapsSelected(besides) };
  const closing = closedByItself(acting, seen);
  if (closing !== null) return { unknown: closing };
  if (engine.name !== 'vpc-cni') return asKnown(decide(seen), input.undecided);
  const lost = lostPorts(
    seen.flatMap(({ policy }) => input.objectsOf(policy)),
    acting,
  );
  if (lost !== null) return { unknown: `${lost.message} ${lost.remedy}` };
  const denials = exceptDenials(coreObjects(seen, input.objectsOf));
  if (!isNothing(denials.uncertain)) {
    return {
      unknown:
        'Its policies except blocks that other rules name inside larger named blocks, to which the VPC CNI may add ports of the outer rules.',
    };
  }
  const decided = asKnown(decide([...seen, ...asDenial(denials)]), input.undecided);
  return 'unknown' in decided ? decided : withOtherFamily(decided.reach, acting);
}

/** Modes in which an engine closes pods that no policy selects, or opens none by default. */
function closedByItself({ engine, agent: { mode } }: Acting, seen: readonly Applied[]): string | null {
  if (engine.name === 'vpc-cni' && mode === 'strict' && seen.length === 0) {
    return 'In its strict mode the VPC CNI closes pods that no policy selects; whether policies for incoming traffic open this one is not known.';
  }
  const denies = seen.some(({ policy, surely }) => surely && policy.otherwise === 'deny');
  if (engine.name === 'cilium' && mode === 'always' && !denies) {
    return 'Cilium is told to enforce always (enable-policy: always), which closes pods that no policy selects but for what other policies allow.';
  }
  return null;
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

function asKnown(decision: ReturnType<typeof decide>, undecided: string | null): Reached {
  if (decision.certain) return { reach: decision.reached.surely };
  return { unknown: undecided ?? 'What the policies that are enforced allow is not known.' };
}

type Family = 'v4' | 'v6';

/**
 * Whether pods reach addresses of a family to which the VPC CNI applies no policy. ENABLE_V4_EGRESS is
 * true by default, ENABLE_V6_EGRESS is false; what EKS Auto Mode does is not documented.
 * @returns `null`: they do not
 */
function openFamily({ engine, agent }: Acting): Family | 'unknown' | null {
  if (engine.name !== 'vpc-cni') return null;
  const { ipv6, egressV4, egressV6, container } = agent;
  if (ipv6 === false) return egressV6 === true ? 'v6' : null;
  if (egressV4 === false) return null;
  return ipv6 === null || container === AUTO_MODE_AGENT ? 'unknown' : 'v4';
}

function withOtherFamily(reach: AddressSet, acting: Acting): Reached {
  const family = openFamily(acting);
  if (family === null) return { reach };
  if (family !== 'unknown') return { reach: { ...reach, [family]: EVERYTHING[family] } };
  if (isOpen(reach, 'v4')) return { reach };
  return { unknown: `${UNKNOWN_FAMILY.message} ${UNKNOWN_FAMILY.remedy}` };
}

const isOpen = (reach: AddressSet, family: Family): boolean =>
  sameSet({ ...EVERYTHING, [family]: reach[family] }, EVERYTHING);

const UNKNOWN_FAMILY = {
  message:
    'Whether its pods reach IPv4 addresses besides their policies is not known: in an IPv6 cluster the VPC CNI may give them an IPv4 interface to which it applies none.',
  remedy: `See the family of the cluster (aws eks describe-cluster --name NAME --query cluster.kubernetesNetworkConfig.ipFamily) and ${OTHER_FAMILY.link}.`,
};

type FamilyGap =
  | { readonly because: string; readonly link: string }
  | { readonly message: string; readonly remedy: string };

/**
 * Whether some policy restricts a family that none of the engines that enforce it applies it to, or perhaps
 * none.
 * @param sure policies that surely select the pod
 */
export function familyGap(
  input: ReachInput,
  sure: readonly Policy[],
  engines: readonly Acting[],
): FamilyGap | null {
  const { possibly } = decide(input.applied).reached;
  const gaps = sure.flatMap((policy) => {
    const families = enforcing(input.objectsOf(policy), engines).map(openFamily);
    const family = families.includes('v6') ? 'v6' : 'v4';
    const covered = families.length === 0 || families.includes(null) || isOpen(possibly, family);
    return covered ? [] : [families.includes('unknown') ? ('unknown' as const) : family];
  });
  const family = gaps.find((gap) => gap !== 'unknown');
  if (family === undefined) return gaps.length === 0 ? null : UNKNOWN_FAMILY;
  return {
    because: `${OTHER_FAMILY.text} Its pods may reach every ${family === 'v4' ? 'IPv4' : 'IPv6'} address.`,
    link: OTHER_FAMILY.link,
  };
}

const enforcing = (objects: readonly PolicyObject[], engines: readonly Acting[]): readonly Acting[] =>
  engines.filter((acting) =>
    objects.every((object) => acting.engine.enforces(object, acting).answer === 'yes'),
  );
