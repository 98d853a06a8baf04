import { type Fields, field, isFields, isUnset, quote } from '../../policies/shape.ts';
import { EVERYTHING, NOTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, both, certain, without } from '../../sets/bounds.ts';
import { isDomain } from './domains.ts';
import { readList, readSelected, type Selected } from './entity.ts';
import { allOf, not, TRUE } from './expression.ts';
import { type Matched, membersMatching } from './members.ts';
import { parseNets, versionsIn } from './nets.ts';
import type { RulePlace } from './rule-place.ts';

/** What a rule's destination says of the world outside, before protocols and ports. */
export interface Destination {
  readonly match: Bounds;
  readonly domains: readonly string[];
  readonly uncertainDomains: readonly string[];
}

/** @param allows whether the rule may allow: only then do domain names mean anything */
export function readDestination(entity: Fields, place: RulePlace, allows: boolean): Destination {
  const { remarks, namespace } = place;
  const at = { path: `${place.path}.destination`, remarks };
  const nets = readList(entity, 'nets', at);
  const notNets = readList(entity, 'notNets', at);
  const blocks = exceptNets(notNets, onlyNets(nets, place), place);
  const selected = readSelected(entity, namespace, at);
  const matched = matchMembers(selected, place);
  const names = readDomains(
    entity,
    { allows, mixed: nets?.length !== 0 || selected.positive !== null },
    place,
  );
  const match = toServices(entity, onlyMembers(blocks, selected, matched), place);
  const domains = [...(names ?? []), ...(allows && selected.positive !== null ? matched.domains : [])];
  const uncertain = allows && selected.positive !== null ? matched.uncertainDomains : [];
  if (domains.length + uncertain.length > 0) {
    remarks.note(
      `${remarks.name}: ${at.path} allows domain names, which Calico Enterprise and Cloud turn into the addresses that pods learn from DNS, so other names at these addresses are allowed too.`,
    );
  }
  // Addresses of a name count only if they are among the nets, and these are not known.
  const limited = nets?.length !== 0 || notNets?.length !== 0;
  if (limited && domains.length > 0) remarks.wonder(`${at.path} limits the addresses of domain names`);
  return {
    match: names === null ? match : certain(NOTHING),
    domains: limited ? [] : domains,
    uncertainDomains: limited ? [...domains, ...uncertain] : uncertain,
  };
}

function onlyNets(list: readonly unknown[] | null, { path, remarks }: RulePlace): Bounds {
  if (list === null) return atMost(EVERYTHING);
  if (list.length === 0) return certain(EVERYTHING);
  const { set, wrong } = parseNets(list, `${path}.destination.nets`);
  for (const uncertainty of wrong) remarks.refuse(uncertainty);
  return wrong.length > 0 ? atMost(EVERYTHING) : certain(set);
}

/**
 * A list without a block of one IP version leaves the rule out for that version: a rule is rendered
 * for each, "unless filtering the rule would completely remove one of its match fields"
 * (`FilterRuleToIPVersion`, felix/rules/policy.go, for iptables, nftables and eBPF).
 */
function exceptNets(list: readonly unknown[] | null, match: Bounds, { path, remarks }: RulePlace): Bounds {
  if (list === null) return atMost(match.potential);
  if (list.length === 0) return match;
  const { set, wrong } = parseNets(list, `${path}.destination.notNets`);
  for (const uncertainty of wrong) remarks.refuse(uncertainty);
  if (wrong.length > 0) return atMost(match.potential);
  return without(both(match, certain(versionsIn(set))), certain(set));
}

const NO_MEMBERS: Matched = { nets: certain(NOTHING), domains: [], uncertainDomains: [], uncertainties: [] };

function matchMembers({ positive, negative }: Selected, { context, remarks }: RulePlace): Matched {
  if (positive === null && negative === null) return NO_MEMBERS;
  const expression =
    positive === null ? (negative ?? TRUE) : allOf([positive, negative === null ? TRUE : not(negative)]);
  const matched = membersMatching(expression, context);
  for (const uncertainty of matched.uncertainties) remarks.wonder(uncertainty);
  return matched;
}

/** Pods that a selector matches are not outside, so outside there are only network sets and nodes. */
function onlyMembers(match: Bounds, { positive, negative }: Selected, { nets }: Matched): Bounds {
  if (positive !== null) return both(match, nets);
  return negative === null ? match : without(match, nets);
}

/** "Only traffic that terminates at endpoints within the selected service(s) will be matched." */
function toServices(entity: Fields, match: Bounds, { path, remarks }: RulePlace): Bounds {
  const services = field(entity, 'services');
  if (isUnset(services)) return match;
  const at = `${path}.destination.services`;
  const name = isFields(services) ? field(services, 'name') : undefined;
  if (typeof name !== 'string' || name === '')
    remarks.refuse(`${at} is ${quote(services)} and names no service`);
  else remarks.wonder(`${at} names the service ${quote(name)}, whose endpoints were not read`);
  return atMost(match.potential);
}

/**
 * "The domains field is only valid for egress Allow rules. […] nets and selector must both be left
 * empty." (docs.tigera.io, Calico Enterprise, EntityRule)
 *
 * @returns null if there are none
 */
function readDomains(
  entity: Fields,
  { allows, mixed }: { readonly allows: boolean; readonly mixed: boolean },
  { path, remarks }: RulePlace,
): readonly string[] | null {
  const at = { path: `${path}.destination`, remarks };
  const list = readList(entity, 'domains', at);
  if (list === null || list.length === 0) return null;
  if (!allows || mixed)
    remarks.refuse(`${at.path}.domains is allowed only with the action Allow and without nets and selectors`);
  const wrong = list.findIndex((entry) => !isDomain(entry));
  if (wrong >= 0)
    remarks.refuse(`${at.path}.domains[${wrong}] is ${quote(list[wrong])} and not a domain name`);
  // What was refused may count as no condition at all.
  return !allows || mixed || wrong >= 0 ? null : list.filter(isDomain);
}
