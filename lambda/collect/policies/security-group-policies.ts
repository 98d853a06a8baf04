import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type { Setting } from '../../inventory/engine-settings.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { listSetting, setting, understood } from '../engines/read-setting.ts';
import { readPolicy } from '../read-object.ts';
import { listPath } from './policy-kinds.ts';
import type { ServedKinds } from './served-kinds.ts';

/** Gives pods security groups of their own. It denies nothing by itself, so it is none of the policies. */
export const SECURITY_GROUP_POLICIES = {
  group: 'vpcresources.k8s.aws',
  resource: 'securitygrouppolicies',
} as const;

/** As RBAC rules and gaps name them. */
export const SECURITY_GROUP_RESOURCE =
  `${SECURITY_GROUP_POLICIES.resource}.${SECURITY_GROUP_POLICIES.group}` as const;

/** Its only version: amazon-vpc-resource-controller-k8s, apis/vpcresources. */
const VERSION = 'v1beta1';
const TITLE = 'The list of SecurityGroupPolicies';

export const SECURITY_GROUP_POLICY = {
  apiVersion: `${SECURITY_GROUP_POLICIES.group}/${VERSION}`,
  kind: 'SecurityGroupPolicy',
  namespaced: true,
} as const;

/** A cluster that says that it does not have the kind has none of them. */
export async function readSecurityGroupPolicies(
  api: KubeApi,
  served: ServedKinds,
): Promise<Setting<readonly PolicyObject[]>> {
  const { group, resource } = SECURITY_GROUP_POLICIES;
  const place = { plural: resource, sources: [{ group, versions: [VERSION] as const }] };
  const places = await setting(TITLE, async () => {
    const { candidates, unknown } = await served.locate(place);
    if (unknown !== null) throw unknown;
    return candidates;
  });
  if ('unread' in places) return places;
  const [found] = places.known;
  if (found === undefined) return { known: [] };
  const path = listPath(group, found.version, resource);
  const objects = await listSetting(api, TITLE, { path, kind: SECURITY_GROUP_POLICY.kind });
  return understood(TITLE, objects, (all) => all.map((object) => readPolicy(object, SECURITY_GROUP_POLICY)));
}
