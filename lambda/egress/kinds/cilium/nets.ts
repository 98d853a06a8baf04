import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, fromSpans, subtract } from '../../sets/address-set.ts';
import type { AddressSpan } from '../../sets/addresses.ts';
import { atMost, type Bounds, certain, eitherOf } from '../../sets/bounds.ts';
import { parseCidrOrAddress, parseStrictCidr } from './cidr.ts';
import { groupNamed, groupsMatching } from './groups.ts';
import type { PeerPlace } from './peer.ts';

/**
 * "CIDR-based selectors do not match in-cluster entities (pods or nodes)", so blocks say what holds
 * outside. https://docs.cilium.io/en/stable/security/policy/layer3/#ip-cidr-based
 */
export function readToCidr(list: readonly unknown[], path: string, { remarks }: PeerPlace): Bounds {
  const spans = list.map(parseCidrOrAddress);
  const wrong = spans.indexOf(null);
  if (wrong < 0) return certain(fromSpans(spans.filter((span) => span !== null)));
  remarks.refusals.push(`${path}[${wrong}] is ${quote(list[wrong])} and not a CIDR block`);
  return atMost(EVERYTHING);
}

export const readToCidrSet = (list: readonly unknown[], path: string, place: PeerPlace): Bounds =>
  eitherOf(list.map((entry, index) => readCidrRule(entry, `${path}[${index}]`, place)));

/** Where a `CIDRRule` has its blocks from: exactly one of these. */
const SOURCES = ['cidr', 'cidrGroupRef', 'cidrGroupSelector'];

/** `CIDRRule`, pkg/policy/api/cidr.go. An `except` narrows this rule only. */
function readCidrRule(value: unknown, path: string, place: PeerPlace): Bounds {
  const { remarks } = place;
  if (!isFields(value)) {
    remarks.refusals.push(`${path} is ${quote(value)} and not a CIDR rule`);
    return atMost(EVERYTHING);
  }
  const [strange] = unknownFields(value, [...SOURCES, 'except']);
  if (strange !== undefined) {
    remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return atMost(EVERYTHING);
  }
  const set = SOURCES.filter((name) => isSet(value, name));
  const [source] = set;
  if (source === undefined || set.length > 1) {
    remarks.refusals.push(`${path} must have one of ${SOURCES.join(', ')} and has ${set.length}`);
    return atMost(EVERYTHING);
  }
  const except = readExcept(field(value, 'except'), `${path}.except`, place);
  if (source === 'cidr') return readBlock(value, path, { ...place, except });
  const at = { path: `${path}.${source}`, uncertainties: remarks.uncertainties };
  const from = field(value, source);
  const blocks =
    source === 'cidrGroupRef' ? groupNamed(from, place.context, at) : groupsMatching(from, place.context, at);
  if (except !== null && except.length === 0) return blocks;
  // "Using ExceptCIDRs together with CIDRGroupRef is not supported yet", but the code applies them.
  remarks.uncertainties.push(`${path}.except is documented not to go with a group`);
  return atMost(blocks.potential);
}

/** Go reads an empty string like an absent field. */
const isSet = (fields: Fields, name: string): boolean =>
  !isUnset(field(fields, name)) && field(fields, name) !== '';

function readBlock(
  value: Fields,
  path: string,
  { except, remarks }: PeerPlace & { readonly except: readonly AddressSpan[] | null },
): Bounds {
  const span = parseStrictCidr(field(value, 'cidr'));
  if (span === null) {
    remarks.refusals.push(`${path}.cidr is ${quote(field(value, 'cidr'))} and not a CIDR block`);
    return atMost(EVERYTHING);
  }
  const block = fromSpans([span]);
  if (except === null) return atMost(block);
  // "Note: this also checks that the allow CIDR prefix and the exception CIDR prefixes are part of the
  // same address family."
  const outside = except.findIndex((one) => !startsIn(one, span));
  if (outside >= 0) remarks.refusals.push(`${path}.except[${outside}] is not within ${path}.cidr`);
  return certain(subtract(block, fromSpans(except)));
}

const startsIn = (inner: AddressSpan, outer: AddressSpan): boolean =>
  inner.family === outer.family && outer.from <= inner.from && inner.from < outer.end;

/** @returns null if it is not understood */
function readExcept(value: unknown, path: string, { remarks }: PeerPlace): readonly AddressSpan[] | null {
  if (isUnset(value)) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const spans = list.map(parseStrictCidr);
  const wrong = spans.indexOf(null);
  if (Array.isArray(value) && wrong < 0) return spans.filter((span) => span !== null);
  const one = wrong < 0 ? value : list[wrong];
  remarks.refusals.push(`${path} has ${quote(one)}, which is not a CIDR block`);
  return null;
}
