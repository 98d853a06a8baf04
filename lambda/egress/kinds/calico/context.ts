import type { PolicyObject } from '../../../inventory/policy-object.ts';
import { oncePerContext } from '../../policies/once-per-context.ts';
import type { ParseContext } from '../../policies/policy.ts';
import { isFields } from '../../policies/shape.ts';

export const CRD_VERSION = 'crd.projectcalico.org/v1';
export const API_VERSION = 'projectcalico.org/v3';

export const isCalico = ({ apiVersion }: PolicyObject): boolean =>
  apiVersion === CRD_VERSION || apiVersion === API_VERSION;

/**
 * Objects that do not count: those of the API from which Calico's agents do not read, and copies of others. Calico's
 * API server shows the custom resources under its own group, and from there also Kubernetes' own policies as Calico
 * sees them; after the move to resources of that group the old ones stay for a while, and nothing reads them.
 * Custom resources have the names of the API here too, not the longer ones under which they may be kept.
 */
const leftOut = oncePerContext(({ objects, calicoApi }): ReadonlySet<PolicyObject> => {
  const known = new Map(objects.map((object) => [keyOf(object), object]));
  const acts = objects.some(({ apiVersion }) => apiVersion === calicoApi) ? calicoApi : null;
  return new Set(
    objects.filter(
      (object) =>
        isCalico(object) &&
        ((acts !== null && object.apiVersion !== acts) || isCopy(object, known, calicoApi)),
    ),
  );
});

export const isRepeated = (object: PolicyObject, context: ParseContext): boolean =>
  leftOut(context).has(object);

/** Calico's objects, each once. */
export const originals = oncePerContext((context) =>
  context.objects.filter((object) => isCalico(object) && !isRepeated(object, context)),
);

const UNCERTAIN_API =
  'the policies under crd.projectcalico.org/v1 and projectcalico.org/v3 differ, and the Calico agents do not specify which API they read (CALICO_API_GROUP)';

/** Why it is not known whether Calico's policies count; `null` where they do. */
export const uncertaintyOfApi = oncePerContext(({ objects, calicoApi, calicoView }): string | null => {
  const own = objects.filter((object) => isCalico(object) && !isConverted(object.name));
  const of = (api: string): readonly PolicyObject[] => own.filter(({ apiVersion }) => apiVersion === api);
  const [old, current] = [of(CRD_VERSION), of(API_VERSION)];
  if (calicoApi !== null) {
    const read = calicoApi === CRD_VERSION ? old : current;
    return read.length === 0 && own.length > 0 && !calicoView
      ? `its agents read policies from ${calicoApi}, and none of that API was read`
      : null;
  }
  if (old.length === 0 || current.length === 0) return null;
  const [a, b] = [new Set(old.map(contentOf)), new Set(current.map(contentOf))];
  return a.size === b.size && [...a].every((text) => b.has(text)) ? null : UNCERTAIN_API;
});

const isConverted = (name: string): boolean => CONVERTED.some(({ prefix }) => name.startsWith(prefix));

/**
 * What an object says in either API; the tier of a policy is part of its name in one of them. Labels are left out:
 * custom resources keep them in an annotation, which may not have been read.
 */
function contentOf({ kind, namespace, name, spec }: PolicyObject): string {
  const fields = isFields(spec) ? { tier: 'default', ...spec } : spec;
  return JSON.stringify([kind, namespace, name.replace(/^default\./, ''), sorted(fields)]);
}

/** What is nested deeper is not understood anyway. */
const DEEPEST = 50;

function sorted(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  if (!isFields(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner, depth + 1)]);
}

const keyOf = ({ apiVersion, kind, namespace, name }: PolicyObject): string =>
  JSON.stringify([apiVersion, kind, namespace, name]);

/**
 * Prefixes of converted policies up to Calico 3.31 (libcalico-go/lib/names/policy.go there). Later
 * versions convert too but do not list the result.
 */
const CONVERTED = [
  { prefix: 'knp.default.', apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  {
    prefix: 'kanp.adminnetworkpolicy.',
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'AdminNetworkPolicy',
  },
  {
    prefix: 'kbanp.baselineadminnetworkpolicy.',
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'BaselineAdminNetworkPolicy',
  },
] as const;

/** Only a copy whose original was read too: otherwise it is all that is known of that policy. */
function isCopy(
  object: PolicyObject,
  known: ReadonlyMap<string, PolicyObject>,
  calicoApi: string | null,
): boolean {
  const { name } = object;
  const converted = CONVERTED.find(({ prefix }) => name.startsWith(prefix));
  if (converted !== undefined) {
    const { prefix, ...type } = converted;
    if (known.has(keyOf({ ...object, ...type, name: name.slice(prefix.length) }))) return true;
  }
  const other = calicoApi === CRD_VERSION ? CRD_VERSION : API_VERSION;
  if (object.apiVersion === other) return false;
  const same = known.get(keyOf({ ...object, apiVersion: other }));
  // Where they differ, either may count.
  return same !== undefined && (calicoApi !== null || contentOf(same) === contentOf(object));
}
