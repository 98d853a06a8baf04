import type { Labels } from '../../../inventory/names.ts';
import type { PolicyObject } from '../../../inventory/policy-object.ts';
import { oncePerContext } from '../../policies/once-per-context.ts';
import { nameOf, type ParseContext } from '../../policies/policy.ts';
import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { type AddressSet, EVERYTHING, NOTHING, unionAll } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain, eitherOf } from '../../sets/bounds.ts';
import { CRD_VERSION, originals } from './context.ts';
import { isDomain } from './domains.ts';
import { anchorsOf, type Expression, evaluate, type Lookup } from './expression.ts';
import { parseNets } from './nets.ts';
import { NAME_LABEL, NAMESPACE_LABEL, NAMESPACE_NAME, OF_NAMESPACE } from './scope.ts';

/**
 * What selectors in rules match outside the cluster: network sets and host endpoints. They match pods
 * too, which are not outside.
 */
interface Member {
  readonly name: string;
  readonly labels: Labels;
  /** False if Calico may know labels that were not read. */
  readonly labelsKnown: boolean;
  readonly lookup: Lookup;
  readonly nets: Bounds;
  /** Names that Calico Enterprise allows beside the nets. */
  readonly domains: readonly string[];
  /** An entry among them that is not a name. */
  readonly oddDomains: readonly string[];
  readonly portNames: readonly string[];
  readonly uncertainties: readonly string[];
}

/** The members for which a selector holds. */
export interface Matched {
  readonly nets: Bounds;
  readonly domains: readonly string[];
  /** Names of members for which it cannot be known. */
  readonly uncertainDomains: readonly string[];
  readonly uncertainties: readonly string[];
}

const membersOf = oncePerContext((context) => {
  const members = originals(context).flatMap((object) => parseMember(object, context.namespaces));
  const known = members.filter(({ labelsKnown }) => labelsKnown);
  const unknown = members.filter(({ labelsKnown }) => !labelsKnown);
  return { members, unknown, byLabel: indexByLabel(known) };
});

export function membersMatching(expression: Expression, context: ParseContext): Matched {
  const found = candidates(expression, context)
    .map((member) => ({ member, matches: evaluate(expression, member.lookup) }))
    .filter(({ matches }) => matches !== false);
  const sure = found.filter(({ matches }) => matches === true).map(({ member }) => member);
  const unsure = found.filter(({ matches }) => matches === null).map(({ member }) => member);
  return {
    nets: eitherOf([...sure.map(({ nets }) => nets), ...unsure.map(({ nets }) => atMost(nets.potential))]),
    domains: sure.flatMap(({ domains }) => domains),
    uncertainDomains: [
      ...unsure.flatMap(({ domains }) => domains),
      ...[...sure, ...unsure].flatMap(({ oddDomains }) => oddDomains),
    ],
    uncertainties: [
      ...[...sure, ...unsure].flatMap(({ uncertainties }) => uncertainties),
      ...unsure.map(({ name }) => `whether it matches ${name} depends on labels that were not read`),
    ],
  };
}

/** Addresses of the nodes that have a port of this name. */
export const nodesWithPort = (name: string, context: ParseContext): AddressSet =>
  unionAll(
    membersOf(context)
      .members.filter(({ portNames }) => portNames.includes(name))
      .map(({ nets }) => nets.potential),
  );

type LabelIndex = ReadonlyMap<string, readonly Member[]>;

/** Label keys hold no NUL, so a pair is never mistaken for a key. */
const pair = (key: string, value: string): string => `${key}\0${value}`;

function indexByLabel(members: readonly Member[]): LabelIndex {
  const index = new Map<string, Member[]>();
  for (const member of members) {
    for (const [key, value] of Object.entries(member.labels)) {
      for (const entry of [key, pair(key, value)]) {
        const list = index.get(entry);
        if (list === undefined) index.set(entry, [member]);
        else list.push(member);
      }
    }
  }
  return index;
}

/** Members that carry a label which the selector requires, and those whose labels are not all known. */
function candidates(expression: Expression, context: ParseContext): readonly Member[] {
  const { members, unknown, byLabel } = membersOf(context);
  // Labels of the namespace are inherited and not in the index.
  const anchor = anchorsOf(expression).find(({ key }) => !key.startsWith(OF_NAMESPACE));
  if (anchor === undefined) return members;
  const { key, values } = anchor;
  const entries = values === null ? [key] : values.map((value) => pair(key, value));
  return [...unknown, ...entries.flatMap((entry) => byLabel.get(entry) ?? [])];
}

interface MemberKind {
  /** The field with its addresses. */
  readonly nets: string;
  readonly others: readonly string[];
  readonly namespaced: boolean;
}

const SET = { nets: 'nets', others: ['allowedEgressDomains'] };
const KINDS: ReadonlyMap<string, MemberKind> = new Map([
  ['GlobalNetworkSet', { ...SET, namespaced: false }],
  ['NetworkSet', { ...SET, namespaced: true }],
  // `extractCIDRsFromHostEndpoint`, felix/labelindex/named_port_index.go.
  [
    'HostEndpoint',
    { nets: 'expectedIPs', others: ['node', 'interfaceName', 'profiles', 'ports'], namespaced: false },
  ],
]);

function parseMember(object: PolicyObject, namespaces: ParseContext['namespaces']): readonly Member[] {
  const kind = KINDS.get(object.kind);
  if (kind === undefined) return [];
  const namespace = kind.namespaced ? object.namespace : '';
  const name = nameOf({ ...object, namespace });
  const uncertainties: string[] = [];
  const spec = readSpec(object, kind, uncertainties);
  // "Add in the Calico namespace label for storage purposes" (networksetprocessor.go).
  const labels = kind.namespaced ? { ...object.labels, [NAMESPACE_LABEL]: namespace } : object.labels;
  const labelsKnown = areLabelsKnown(object);
  const own: Lookup = (key) => (Object.hasOwn(labels, key) ? labels[key] : labelsKnown ? undefined : null);
  return [
    {
      name,
      labels,
      labelsKnown,
      lookup: kind.namespaced ? withNamespace(own, namespace, namespaces) : own,
      nets:
        spec === null
          ? atMost(EVERYTHING)
          : netsOf(field(spec, kind.nets), `${name}: spec.${kind.nets}`, uncertainties),
      ...domainsOf(spec === null ? null : field(spec, 'allowedEgressDomains'), name, uncertainties),
      portNames: spec === null ? [] : portNamesOf(spec, name, uncertainties),
      uncertainties,
    },
  ];
}

/** @returns null, with an uncertainty, if it is not understood */
function readSpec(
  object: PolicyObject,
  { nets, others }: MemberKind,
  uncertainties: string[],
): Fields | null {
  const spec = isUnset(object.spec) ? {} : object.spec;
  const name = `the spec of ${object.kind} ${object.name}`;
  if (!isFields(spec)) {
    uncertainties.push(`${name} is ${quote(spec)} and not an object`);
    return null;
  }
  const [strange] = unknownFields(spec, [nets, ...others]);
  if (strange === undefined) return spec;
  uncertainties.push(`${name} has the unknown field ${quote(strange)}`);
  return null;
}

/**
 * As a custom resource an object has none of the labels that it was given through Calico's API: they
 * are in its annotation `projectcalico.org/metadata`, except those of Calico itself
 * (`ConvertCalicoResourceToK8sResource`, libcalico-go/lib/backend/k8s/resources/resources.go). So
 * there no label at all means that they were not read.
 */
const areLabelsKnown = ({ apiVersion, labels }: PolicyObject): boolean =>
  apiVersion !== CRD_VERSION || Object.keys(labels).some((key) => !key.includes('projectcalico.org/'));

/** "Also include the namespace profile in the profile IDs so that we get namespace label inheritance." */
function withNamespace(own: Lookup, namespace: string, namespaces: ParseContext['namespaces']): Lookup {
  const inherited = namespaces.get(namespace);
  return (key) => {
    const value = own(key);
    if (value !== undefined || !key.startsWith(OF_NAMESPACE)) return value;
    const label = key.slice(OF_NAMESPACE.length);
    if (label === NAME_LABEL || label === NAMESPACE_NAME) return namespace;
    if (inherited === undefined) return null;
    return Object.hasOwn(inherited, label) ? inherited[label] : undefined;
  };
}

function netsOf(value: unknown, path: string, uncertainties: string[]): Bounds {
  if (isUnset(value)) return certain(NOTHING);
  if (!Array.isArray(value)) {
    uncertainties.push(`${path} is ${quote(value)} and not a list of CIDR blocks`);
    return atMost(EVERYTHING);
  }
  const { set, wrong } = parseNets(value, path);
  uncertainties.push(...wrong);
  return wrong.length === 0 ? certain(set) : { definite: set, potential: EVERYTHING };
}

function domainsOf(value: unknown, name: string, uncertainties: string[]) {
  const list: readonly unknown[] = isUnset(value) ? [] : Array.isArray(value) ? value : [value];
  const odd = list.filter((entry) => !isDomain(entry)).map(quote);
  for (const entry of odd) {
    uncertainties.push(`${name}: spec.allowedEgressDomains has ${entry}, which is not a domain name`);
  }
  return { domains: list.filter(isDomain), oddDomains: odd };
}

/** Ports that have no name cannot be meant by one. */
function portNamesOf(spec: Fields, name: string, uncertainties: string[]): readonly string[] {
  const ports = field(spec, 'ports') ?? [];
  const names = Array.isArray(ports)
    ? ports.map((port: unknown) => (isFields(port) ? field(port, 'name') : undefined))
    : [undefined];
  if (!names.every((one) => typeof one === 'string')) {
    uncertainties.push(`${name}: spec.ports is ${quote(ports)} and not a list of named ports`);
  }
  return names.filter((one) => typeof one === 'string');
}
