import type { PolicyObject } from '../../inventory/model.ts';
import { type AddressSet, EVERYTHING, intersect, isNothing } from '../address-set.ts';
import { decide } from '../evaluate.ts';
import type { Applied, Policy } from '../policy.ts';
import { asDenial, exceptDenials } from './except.ts';
import { type Departure, isCore } from './model.ts';
import type { Acting } from './situation.ts';
import { EXCEPT_DENIES, OTHER_FAMILY } from './vpc-cni.ts';

interface ReachInput {
  readonly applied: readonly Applied[];
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
  const { engine, agent } = acting;
  const seen: Applied[] = [];
  for (const one of input.applied) {
    const answers = input.objectsOf(one.policy).map((object) => engine.enforces(object, agent).answer);
    if (answers.length === 0 || answers.some((answer) => answer === 'unknown' || answer !== answers[0])) {
      return { unknown: `Whether ${engine.title} enforces ${one.policy.name} is not known.` };
    }
    if (answers[0] === 'yes') seen.push(one);
  }
  if (engine.name !== 'vpc-cni') return asKnown(decide(seen), input.undecided);
  if (seen.length === 0 && agent.mode === 'strict') {
    return {
      unknown:
        'In its strict mode the VPC CNI closes pods that no policy selects; whether policies for incoming traffic open this one is not known.',
    };
  }
  const denials = exceptDenials(coreObjects(seen, input.objectsOf));
  if (!isNothing(denials.uncertain)) {
    return {
      unknown:
        'Its policies except blocks that other rules name inside larger named blocks, to which the VPC CNI may add ports of the outer rules.',
    };
  }
  const decided = asKnown(decide([...seen, ...asDenial(denials)]), input.undecided);
  return 'unknown' in decided ? decided : { reach: withOtherFamily(decided.reach, acting) };
}

/** What an engine does otherwise, as far as it concerns these policies. */
export function departuresOf(
  { applied, objectsOf }: ReachInput,
  { engine, agent }: Acting,
): readonly Departure[] {
  const excepted =
    engine.name === 'vpc-cni' && !isNothing(exceptDenials(coreObjects(applied, objectsOf)).denied);
  return [...engine.departures(agent), ...(excepted ? [EXCEPT_DENIES] : [])];
}

const coreObjects = (
  applied: readonly Applied[],
  objectsOf: ReachInput['objectsOf'],
): readonly PolicyObject[] => applied.flatMap(({ policy }) => objectsOf(policy)).filter(isCore);

function asKnown(decision: ReturnType<typeof decide>, undecided: string | null): Reached {
  if (decision.certain) return { reach: decision.reached.surely };
  return { unknown: undecided ?? 'What the policies that are enforced allow is not known.' };
}

/** Whether pods reach addresses of a family to which the VPC CNI applies no policy, if it is known. */
function openFamily({ engine, agent }: Acting): 'v4' | 'v6' | null {
  if (engine.name !== 'vpc-cni') return null;
  // ENABLE_V4_EGRESS is true by default, ENABLE_V6_EGRESS is false.
  if (agent.ipv6 !== false && agent.egressV4 !== false) return 'v4';
  return agent.ipv6 === false && agent.egressV6 === true ? 'v6' : null;
}

function withOtherFamily(reach: AddressSet, acting: Acting): AddressSet {
  const family = openFamily(acting);
  return family === null ? reach : { ...reach, [family]: EVERYTHING[family] };
}

/** Policies restrict a family that nobody applies them to. */
export function familyGap(
  input: ReachInput,
  engines: readonly Acting[],
): { readonly because: string; readonly link: string } | null {
  const families = engines.map(openFamily);
  const [family] = families;
  if (family === undefined || family === null || families.some((other) => other !== family)) return null;
  const { possibly } = decide(input.applied).reached;
  if (possibly[family].starts.length === 1 && possibly[family] === EVERYTHING[family]) return null;
  const name = family === 'v4' ? 'IPv4' : 'IPv6';
  return {
    because: `${OTHER_FAMILY.text} Its pods may reach every ${name} address.`,
    link: OTHER_FAMILY.link,
  };
}
