import type { PolicyObject } from '../../../inventory/policy-object.ts';
import { oncePerContext } from '../../policies/once-per-context.ts';
import { nameOf, type ParseContext } from '../../policies/policy.ts';
import { parseLabelSelector } from '../../policies/selector.ts';
import { field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, fromSpans, NOTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain, eitherOf } from '../../sets/bounds.ts';
import { parseStrictCidr } from './cidr.ts';

/** https://docs.cilium.io/en/stable/network/kubernetes/ciliumcidrgroup/ */
export const GROUP_KIND = 'CiliumCIDRGroup';
export const GROUP_VERSIONS = ['cilium.io/v2', 'cilium.io/v2alpha1'];

interface Group {
  readonly object: PolicyObject;
  readonly blocks: Bounds;
  readonly uncertainties: readonly string[];
}

/** By name. The same group may have been read in both versions. */
const groupsOf = oncePerContext(({ objects }): ReadonlyMap<string, readonly Group[]> => {
  const groups = new Map<string, Group[]>();
  for (const object of objects) {
    if (object.kind !== GROUP_KIND || !GROUP_VERSIONS.includes(object.apiVersion)) continue;
    const same = groups.get(object.name);
    if (same === undefined) groups.set(object.name, [readGroup(object)]);
    else same.push(readGroup(object));
  }
  return groups;
});

function readGroup(object: PolicyObject): Group {
  const uncertainties: string[] = [];
  const name = nameOf({ ...object, namespace: '' });
  const spec = isUnset(object.spec) ? {} : object.spec;
  if (!isFields(spec)) uncertainties.push(`${name}: spec is ${quote(spec)} and not an object`);
  const [strange] = isFields(spec) ? unknownFields(spec, ['externalCIDRs']) : [];
  if (strange !== undefined) uncertainties.push(`${name}: spec has the unknown field ${quote(strange)}`);
  const blocks = isFields(spec) ? (field(spec, 'externalCIDRs') ?? []) : [];
  const list: readonly unknown[] = Array.isArray(blocks) ? blocks : [blocks];
  const spans = list.map(parseStrictCidr);
  const wrong = Array.isArray(blocks) ? spans.indexOf(null) : 0;
  if (wrong >= 0) {
    uncertainties.push(`${name}: spec.externalCIDRs has ${quote(list[wrong])}, which is not a CIDR block`);
  }
  const set = fromSpans(spans.filter((span) => span !== null));
  return {
    object,
    blocks: uncertainties.length === 0 ? certain(set) : { definite: NOTHING, potential: EVERYTHING },
    uncertainties,
  };
}

/** The blocks of the group with this name. */
export function groupNamed(name: unknown, context: ParseContext, at: UncertaintyPlace): Bounds {
  const groups = typeof name === 'string' ? (groupsOf(context).get(name) ?? []) : [];
  if (groups.length > 0) return join(groups, at);
  // One that does not exist selects nothing, but it may just not have been read.
  at.uncertainties.push(`${at.path} names ${quote(name)}, a ${GROUP_KIND} that was not read`);
  return atMost(EVERYTHING);
}

/** The blocks of all groups that have these labels. */
export function groupsMatching(value: unknown, context: ParseContext, at: UncertaintyPlace): Bounds {
  const selector = parseLabelSelector(value, at.path, at.uncertainties);
  // The selector becomes one of identities (`CIDRRuleSlice.GetAsEndpointSelectors`,
  // pkg/policy/api/cidr.go), and those of all other destinations lack the labels of groups too.
  if (selector.anchors.length === 0) {
    at.uncertainties.push(
      `${at.path} asks for no label that a ${GROUP_KIND} must have, and may select anything`,
    );
    return atMost(EVERYTHING);
  }
  const found = [...groupsOf(context).values()]
    .flat()
    .map((group) => ({ group, matches: selector.matches(group.object.labels) }))
    .filter(({ matches }) => matches !== false);
  if (found.length === 0) {
    at.uncertainties.push(`${at.path} matches no ${GROUP_KIND} that was read`);
    return atMost(EVERYTHING);
  }
  const blocks = join(
    found.map(({ group }) => group),
    at,
  );
  return found.every(({ matches }) => matches === true) ? blocks : atMost(blocks.potential);
}

/** Where something is read, and what was not understood there. */
export interface UncertaintyPlace {
  readonly path: string;
  readonly uncertainties: string[];
}

function join(groups: readonly Group[], { uncertainties }: UncertaintyPlace): Bounds {
  for (const group of groups) uncertainties.push(...group.uncertainties);
  return eitherOf(groups.map(({ blocks }) => blocks));
}
