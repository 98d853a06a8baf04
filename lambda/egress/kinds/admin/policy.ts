import type { PolicyObject } from '../../../inventory/policy-object.ts';
import {
  type Action,
  nameOf,
  notUnderstood,
  type Policy,
  type Rule,
  type Scope,
  type Tier,
} from '../../policies/policy.ts';
import { MATCH_ALL, parseLabelSelector, uncertain } from '../../policies/selector.ts';
import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, NOTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain } from '../../sets/bounds.ts';
import { onPortBounds, type PortBounds, type Remarks } from '../core/network-policy-rule.ts';
import { type PeerContext, type Peers, parseAdminPeers } from './policy-peers.ts';
import { type ParsePortEntry, parseAdminPorts } from './policy-ports.ts';

/** What differs between the APIs for administrators. */
export interface Dialect {
  readonly apiVersion: string;
  /** Fields of `spec` other than `subject`, `ingress` and `egress`. */
  readonly placeFields: readonly string[];
  /** @returns null, with an uncertainty, if the policy has no place in the order */
  readonly place: (spec: Fields, uncertainties: string[]) => Place | null;
  readonly actions: Readonly<Record<string, Action>>;
  readonly peerFields: readonly string[];
  readonly ports: { readonly field: string; readonly parseEntry: ParsePortEntry };
  /** Whether the API says what "fail closed" means. */
  readonly definesFailClosed: boolean;
  /** Said of every policy with domain names; a sentence that follows the policy's name. */
  readonly namesNote: string | null;
}

export interface Place {
  readonly tier: Tier;
  readonly order: number;
}

/** "A value from 0 to 1000"; without one the order of the policy is not known. */
export function parsePriority(spec: Fields, uncertainties: string[]): number | null {
  const priority = field(spec, 'priority');
  if (Number.isInteger(priority) && Number(priority) >= 0 && Number(priority) <= 1000)
    return Number(priority);
  uncertainties.push(`spec.priority is ${quote(priority)} and not a whole number from 0 to 1000`);
  return null;
}

/**
 * Policies for administrators: cluster-wide, with an order, rules that allow, deny or pass, and
 * nothing implied: "there will not be any implicit isolation effects for the Pods selected"
 * (https://network-policy-api.sigs.k8s.io/api-overview/#general-notes). What the CRD's validation
 * would refuse has no defined meaning and is unknown here.
 */
export function parseAdminPolicy(object: PolicyObject, dialect: Dialect): readonly Policy[] {
  const { spec } = object;
  if (!isFields(spec)) return [notUnderstood(object, `spec is ${quote(spec)} and not an object`)];
  const [strange] = unknownFields(spec, ['subject', 'ingress', 'egress', ...dialect.placeFields]);
  if (strange !== undefined) return [notUnderstood(object, `spec has the unknown field ${quote(strange)}`)];
  const egress = field(spec, 'egress');
  // "CNPs with no egress rules do not affect egress traffic."
  if (isUnset(egress) || (Array.isArray(egress) && egress.length === 0)) return [];

  const remarks: Remarks = { name: nameOf(object), uncertainties: [], notes: [] };
  const place = dialect.place(spec, remarks.uncertainties);
  if (place === null) return [notUnderstood(object, remarks.uncertainties[0] ?? 'its order is not known')];
  return [
    {
      name: remarks.name,
      scope: parseSubject(field(spec, 'subject'), remarks.uncertainties),
      ...place,
      orderedWithin: dialect.apiVersion,
      defaultAction: 'pass',
      rules: parseEgress(egress, dialect, remarks),
      uncertainties: remarks.uncertainties,
      notes: [...new Set(remarks.notes)],
    },
  ];
}

const ANYTHING: Scope = { namespaces: { matching: MATCH_ALL }, pods: uncertain(MATCH_ALL) };

/** "Exactly one field must be set." Pods are selected "via namespace AND pod selectors". */
function parseSubject(subject: unknown, uncertainties: string[]): Scope {
  const set = isFields(subject) ? unknownFields(subject, []) : [];
  const [only] = set;
  const value = isFields(subject) && only !== undefined ? field(subject, only) : undefined;
  if (set.length === 1 && only === 'namespaces') {
    const selector = parseLabelSelector(value, 'spec.subject.namespaces', uncertainties);
    return { namespaces: { matching: selector }, pods: MATCH_ALL };
  }
  if (set.length === 1 && only === 'pods' && isFields(value)) return parseNamespacedPod(value, uncertainties);
  uncertainties.push(`spec.subject is ${quote(subject)} and not exactly one of namespaces and pods`);
  return ANYTHING;
}

/** Both selectors: "if empty, it selects all". */
function parseNamespacedPod(value: Fields, uncertainties: string[]): Scope {
  const [strange] = unknownFields(value, ['namespaceSelector', 'podSelector']);
  if (strange !== undefined) {
    uncertainties.push(`spec.subject.pods has the unknown field ${quote(strange)}`);
    return ANYTHING;
  }
  const [namespaces, pods] = ['namespaceSelector', 'podSelector'].map((name) =>
    parseLabelSelector(field(value, name), `spec.subject.pods.${name}`, uncertainties),
  );
  return { namespaces: { matching: namespaces ?? MATCH_ALL }, pods: pods ?? MATCH_ALL };
}

function parseEgress(value: unknown, dialect: Dialect, remarks: Remarks): readonly Rule[] {
  if (!Array.isArray(value)) {
    remarks.uncertainties.push(`spec.egress is ${quote(value)} and not a list`);
    return ruleOfAnyAction(`${remarks.name}: spec.egress`);
  }
  return value.flatMap((rule: unknown, index) => parseRule(rule, `spec.egress[${index}]`, dialect, remarks));
}

function parseRule(rule: unknown, path: string, dialect: Dialect, remarks: Remarks): readonly Rule[] {
  if (!isFields(rule)) {
    remarks.uncertainties.push(`${path} is ${quote(rule)} and not a rule`);
    return ruleOfAnyAction(`${remarks.name}: ${path}`);
  }
  const source = sourceOf(rule, path, remarks);
  const text = field(rule, 'action');
  const action =
    typeof text === 'string' && Object.hasOwn(dialect.actions, text) ? dialect.actions[text] : undefined;
  const context: PeerContext = {
    fields: dialect.peerFields,
    allowsNames: action === 'allow',
    remarks,
  };
  const peers = parseAdminPeers(field(rule, 'to'), `${path}.to`, context);
  const ports = parseAdminPorts(field(rule, dialect.ports.field), {
    path: `${path}.${dialect.ports.field}`,
    remarks,
    parseEntry: dialect.ports.parseEntry,
  });
  if (peers.names.length > 0 && dialect.namesNote !== null) {
    remarks.notes.push(`${remarks.name} ${dialect.namesNote}`);
  }
  const [strange] = unknownFields(rule, ['name', 'action', 'to', dialect.ports.field]);
  if (strange !== undefined) remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
  const parts = { source, peers: strange === undefined ? peers : widened(peers), ports };
  if (action !== undefined) return toRules(action, parts, dialect, { path, remarks });
  const choices = Object.keys(dialect.actions).join(', ');
  remarks.uncertainties.push(`${path}.action is ${quote(text)} and not one of ${choices}`);
  return ruleOfAnyAction(source);
}

/** With its name, which is there "to help improve observability, readability and error-reporting". */
function sourceOf(rule: Fields, path: string, { name: policy }: Remarks): string {
  const name = field(rule, 'name');
  return typeof name === 'string' && name !== '' ? `${policy}: ${path} ${quote(name)}` : `${policy}: ${path}`;
}

const widened = (peers: Peers): Peers => ({ ...peers, addresses: atMost(EVERYTHING) });

interface Parts {
  readonly source: string;
  readonly peers: Peers;
  readonly ports: PortBounds;
}

/** Names on ports that are not wholly understood may be reached by any address. */
function matchOf({ peers, ports }: Parts): Bounds {
  const addresses = onPortBounds(peers.addresses, ports);
  const isOpen = peers.names.length > 0 && ports.definite !== ports.potential;
  return isOpen
    ? { definite: addresses.definite, potential: onPortBounds(atMost(EVERYTHING), ports).potential }
    : addresses;
}

/**
 * "If an implementation sees no fields are set then it can infer that the deployed CRD is of an
 * incompatible version with an unknown field. In that case it should fail closed. For 'Accept'
 * rules, 'fail closed' means: 'treat the rule as matching no traffic'. For 'Deny' and 'Pass' rules,
 * 'fail closed' means: 'treat the rule as a Deny all rule'." (network-policy-api, apis/v1alpha1 and
 * apis/v1alpha2, the egress peer.) A field that is there but not known to this program may be known
 * to the enforcing engine: then both readings are possible.
 */
function toRules(
  action: Action,
  parts: Parts,
  dialect: Dialect,
  { path, remarks }: { readonly path: string; readonly remarks: Remarks },
): readonly Rule[] {
  const { source, peers, ports } = parts;
  const match = matchOf(parts);
  const rule = (kind: Action, { definite, potential }: Bounds): Rule => ({
    source,
    action: kind,
    covers: definite,
    potentialCover: potential,
    hosts: [],
  });
  const hosts = peers.names.map((host) => ({ host, ports: ports.potential, wildcard: 'labels' as const }));
  if (peers.strange === 'no') return [{ ...rule(action, match), hosts: action === 'allow' ? hosts : [] }];
  if (peers.strange === 'definite' && dialect.definesFailClosed) {
    const reading = action === 'allow' ? 'matches no traffic' : 'denies everything';
    remarks.notes.push(
      `${remarks.name}: ${path}.to has a peer without any field, so the rule fails closed and ${reading}.`,
    );
    return [rule(action === 'allow' ? 'allow' : 'deny', certain(action === 'allow' ? NOTHING : EVERYTHING))];
  }
  if (peers.strange === 'definite') remarks.uncertainties.push(`${path}.to has a peer without any field`);
  const anywhere = onPortBounds(atMost(EVERYTHING), ports);
  if (action === 'allow') return [{ ...rule('allow', anywhere), hosts }];
  const either = { definite: match.definite, potential: EVERYTHING };
  return action === 'deny'
    ? [rule('deny', either)]
    : [rule('deny', atMost(EVERYTHING)), rule('pass', { ...either, potential: anywhere.potential })];
}

/** A rule of which not even the action is known. */
function ruleOfAnyAction(source: string): readonly Rule[] {
  return (['allow', 'deny', 'pass'] as const).map((action) => ({
    source,
    action,
    covers: NOTHING,
    potentialCover: EVERYTHING,
    hosts: [],
  }));
}
