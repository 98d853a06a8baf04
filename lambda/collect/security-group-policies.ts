import type { KubeApi } from '../connect/kube-api.ts';
import type { Setting } from '../inventory/engine-settings.ts';
import type { PolicyObject } from '../inventory/model.ts';
import { listPath } from './policy-kinds.ts';
import { readPolicy } from './read-object.ts';
import { listSetting, understood } from './read-setting.ts';

/** Gives pods security groups of their own. It denies nothing by itself, so it is none of the policies. */
export const SECURITY_GROUP_POLICIES = {
  group: 'vpcresources.k8s.aws',
  resource: 'securitygrouppolicies',
} as const;

/** Its only version: amazon-vpc-resource-controller-k8s, apis/vpcresources. */
const VERSION = 'v1beta1';
const TITLE = 'The list of SecurityGroupPolicies';

export const SECURITY_GROUP_POLICY = {
  apiVersion: `${SECURITY_GROUP_POLICIES.group}/${VERSION}`,
  kind: 'SecurityGroupPolicy',
  namespaced: true,
} as const;

/** A cluster that does not have the kind has none of them. */
export async function readSecurityGroupPolicies(api: KubeApi): Promise<Setting<readonly PolicyObject[]>> {
  const { group, resource } = SECURITY_GROUP_POLICIES;
  const found = await listSetting(api, TITLE, listPath(group, VERSION, resource));
  return understood(TITLE, found, (objects) =>
    objects.map((object) => readPolicy(object, SECURITY_GROUP_POLICY)),
  );
}
