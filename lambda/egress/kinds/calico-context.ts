import type { PolicyObject } from '../../inventory/model.ts';
import { oncePerContext } from '../once-per-context.ts';
import type { ParseContext } from '../policy.ts';

export const CRD_VERSION = 'crd.projectcalico.org/v1';
export const API_VERSION = 'projectcalico.org/v3';

export const isCalico = ({ apiVersion }: PolicyObject): boolean =>
  apiVersion === CRD_VERSION || apiVersion === API_VERSION;

/**
 * Objects that were read twice: a policy as the custom resource in which Calico keeps it and through
 * Calico's API server, and from there also Kubernetes' own policies as Calico sees them. Custom
 * resources have the names of the API here too, not the longer ones under which they may be kept.
 */
const copies = oncePerContext(({ objects }): ReadonlySet<PolicyObject> => {
  const known = new Set(objects.map(keyOf));
  return new Set(objects.filter((object) => isCalico(object) && isCopy(object, known)));
});

export const isRepeated = (object: PolicyObject, context: ParseContext): boolean =>
  copies(context).has(object);

/** Calico's objects, each once. */
export const originals = oncePerContext((context) =>
  context.objects.filter((object) => isCalico(object) && !isRepeated(object, context)),
);

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
function isCopy(object: PolicyObject, known: ReadonlySet<string>): boolean {
  const { name } = object;
  const converted = CONVERTED.find(({ prefix }) => name.startsWith(prefix));
  if (converted !== undefined) {
    const { prefix, ...type } = converted;
    if (known.has(keyOf({ ...object, ...type, name: name.slice(prefix.length) }))) return true;
  }
  return object.apiVersion === CRD_VERSION && known.has(keyOf({ ...object, apiVersion: API_VERSION }));
}
