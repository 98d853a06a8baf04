import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { OF_SERVICE_ACCOUNT } from './accounts.ts';
import { allOf, type Expression, has, isIn, not, TRUE, UNKNOWN } from './expression.ts';
import type { CalicoRemarks } from './remarks.ts';
import { inNamespace, NAMESPACE_LABEL, OF_NAMESPACE, SERVICE_ACCOUNT_LABEL } from './scope.ts';
import { OWN_LABELS, parseSelector, type SelectorPlace } from './selector.ts';

/** `EntityRule`, api/pkg/apis/projectcalico/v3/policy_common.go, and `domains` of Calico Enterprise. */
const FIELDS = [
  'nets',
  'selector',
  'namespaceSelector',
  'services',
  'ports',
  'domains',
  'notNets',
  'notSelector',
  'notPorts',
  'serviceAccounts',
];

/**
 * "We treat all() as 'select all namespaces'", so network sets without a namespace are not among
 * them; global() is the opposite (`getEndpointSelector`,
 * libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go).
 */
const NAMESPACES: SelectorPlace = {
  prefix: OF_NAMESPACE,
  all: has(NAMESPACE_LABEL),
  global: not(has(NAMESPACE_LABEL)),
};

export const SERVICE_ACCOUNTS: SelectorPlace = { ...OWN_LABELS, prefix: OF_SERVICE_ACCOUNT };

/** @returns null, with an uncertainty, if the source or destination is not understood; empty if it is unset */
export function readEntity(value: unknown, path: string, remarks: CalicoRemarks): Fields | null {
  if (isUnset(value)) return {};
  if (!isFields(value)) {
    remarks.refuse(`${path} is ${quote(value)} and not an object`);
    return null;
  }
  const [strange] = unknownFields(value, FIELDS);
  if (strange === undefined) return value;
  remarks.refuse(`${path} has the unknown field ${quote(strange)}`);
  return null;
}

/** A list; unset and empty are the same to Go's `len`. Null, with an uncertainty, for anything else. */
export function readList(
  fields: Fields,
  name: string,
  { path, remarks }: { readonly path: string; readonly remarks: CalicoRemarks },
): readonly unknown[] | null {
  const value = field(fields, name) ?? [];
  if (Array.isArray(value)) return value;
  remarks.refuse(`${path}.${name} is ${quote(value)} and not a list`);
  return null;
}

export interface TextPlace {
  readonly path: string;
  readonly remarks: CalicoRemarks;
  readonly place: SelectorPlace;
}

/** A selector; null if it is unset or empty, unknown with an uncertainty if Calico would refuse it. */
export function readSelector(
  fields: Fields,
  name: string,
  { path, remarks, place }: TextPlace,
): Expression | null {
  const text = field(fields, name) ?? '';
  if (text === '') return null;
  const parsed = typeof text === 'string' && text.trim() !== '' ? parseSelector(text, place) : null;
  if (parsed !== null) return parsed;
  remarks.refuse(`${path}.${name} is ${quote(text)} and not a selector`);
  return UNKNOWN;
}

/** The endpoints and network sets to which a source or destination is limited. */
export interface Selected {
  /** Null if it is not limited. */
  readonly positive: Expression | null;
  /** "Matches packets that are not from" these, and so those from elsewhere. */
  readonly negative: Expression | null;
}

/**
 * `getEndpointSelector`: a NetworkPolicy's rule is limited to its namespace "as soon as any of the
 * selector fields are used, including NotSelector", unless it has a namespaceSelector.
 *
 * @param namespace of the policy, null for a global one
 */
export function readSelected(
  entity: Fields,
  namespace: string | null,
  at: { readonly path: string; readonly remarks: CalicoRemarks },
): Selected {
  const selector = readSelector(entity, 'selector', { ...at, place: OWN_LABELS });
  const negative = readSelector(entity, 'notSelector', { ...at, place: OWN_LABELS });
  const namespaces = readNamespaces(entity, at);
  const accounts = readAccounts(field(entity, 'serviceAccounts'), {
    ...at,
    path: `${at.path}.serviceAccounts`,
  });
  const used = [namespaces, selector, accounts].filter((part) => part !== null);
  if (used.length === 0 && (negative === null || namespace === null)) return { positive: null, negative };
  const own = namespaces === null && namespace !== null ? inNamespace(namespace) : TRUE;
  return { positive: allOf([own, ...used]), negative };
}

/** "If the namespaceSelector contains global(), then it should be the only selector" (validator.go). */
function readNamespaces(
  entity: Fields,
  at: { readonly path: string; readonly remarks: CalicoRemarks },
): Expression | null {
  const text = field(entity, 'namespaceSelector');
  const mixed =
    typeof text === 'string' && text.includes('global(') && !/^[ \t]*global\([ \t]*\)[ \t]*$/.test(text);
  const place = mixed ? { ...NAMESPACES, global: null } : NAMESPACES;
  return readSelector(entity, 'namespaceSelector', { ...at, place });
}

/** `parseServiceAccounts`: "a list of service account names are AND'd with the selectors". */
function readAccounts(
  value: unknown,
  { path, remarks }: { readonly path: string; readonly remarks: CalicoRemarks },
): Expression | null {
  if (isUnset(value)) return null;
  if (!isFields(value) || unknownFields(value, ['names', 'selector']).length > 0) {
    remarks.refuse(`${path} is ${quote(value)} and not names and a selector`);
    return UNKNOWN;
  }
  const names = readList(value, 'names', { path, remarks });
  // Felix puts the names between quotes and parses the result.
  const wrong = names === null ? null : names.find((name) => typeof name !== 'string' || name.includes("'"));
  if (wrong !== undefined && names !== null) {
    remarks.refuse(`${path}.names has ${quote(wrong)}, which is not a name`);
  }
  if (wrong !== undefined || names === null) return UNKNOWN;
  const selector = readSelector(value, 'selector', { path, remarks, place: SERVICE_ACCOUNTS });
  if (names.length === 0) return selector;
  return allOf([isIn(SERVICE_ACCOUNT_LABEL, names.map(String)), selector ?? TRUE]);
}
