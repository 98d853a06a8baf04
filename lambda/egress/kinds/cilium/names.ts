import { field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, NOTHING } from '../../sets/address-set.ts';
import { atMost, certain } from '../../sets/bounds.ts';
import type { HostName, Peers } from './peer.ts';
import type { CiliumRemarks, RulePlace } from './remarks.ts';

/** `FQDNSelector`, pkg/policy/api/fqdn.go; both fields may also have a final dot. */
const NAME = /^[-a-z0-9_.]+$/i;
const PATTERN = /^[-a-z0-9_.*]+$/i;
/** `MaxFQDNLength`, pkg/fqdn/matchpattern/matchpattern.go. */
const LONGEST = 255;

/** "`*` alone matches all names"; so do its spellings in `isDNSWildcard`, matchpattern.go. */
const ALL_NAMES = /^\*+\.?$/;

/**
 * Destinations by name: the addresses to which DNS answers that the pod got resolve the name.
 * https://docs.cilium.io/en/stable/security/policy/layer3/#dns-based
 */
export function readToFqdns(list: readonly unknown[], path: string, { remarks }: RulePlace): Peers {
  const entries = list.map((entry, index) => readEntry(entry, `${path}[${index}]`, remarks));
  const hosts = entries.filter((entry) => entry !== null);
  if (hosts.length < entries.length) return { match: atMost(EVERYTHING), hosts };
  const all = hosts.find(({ host }) => ALL_NAMES.test(host));
  if (all === undefined) return { match: certain(NOTHING), hosts };
  remarks.notes.push(
    `${remarks.name}: ${path} admits every name (${quote(all.host)}), and so every address to which some name resolves.`,
  );
  return { match: certain(EVERYTHING), hosts };
}

/** @returns null if it is not understood */
function readEntry(value: unknown, path: string, remarks: CiliumRemarks): HostName | null {
  if (!isFields(value)) {
    remarks.refusals.push(`${path} is ${quote(value)} and not a selector of names`);
    return null;
  }
  const [strange] = unknownFields(value, ['matchName', 'matchPattern']);
  if (strange !== undefined) {
    remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return null;
  }
  const name = field(value, 'matchName');
  const pattern = field(value, 'matchPattern');
  if (isUnset(name) === isUnset(pattern)) {
    remarks.refusals.push(`${path} must have one of matchName and matchPattern`);
    return null;
  }
  if (isWellFormed(name, NAME)) return { host: name, wildcard: 'label' };
  if (isWellFormed(pattern, PATTERN)) {
    return { host: pattern, wildcard: ALL_NAMES.test(pattern) ? 'labels' : 'label' };
  }
  remarks.refusals.push(
    isUnset(pattern)
      ? `${path}.matchName is ${quote(name)} and not a domain name`
      : `${path}.matchPattern is ${quote(pattern)} and not a pattern of domain names`,
  );
  return null;
}

/** No empty labels: `^([-a-zA-Z0-9_*]+[.]?)+$` in the resource definition. */
const isWellFormed = (value: unknown, characters: RegExp): value is string =>
  typeof value === 'string' &&
  value.length <= LONGEST &&
  characters.test(value) &&
  !value.startsWith('.') &&
  !value.includes('..');
