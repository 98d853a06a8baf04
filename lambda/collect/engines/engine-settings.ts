import type {
  CiliumSettings,
  IpFamilies,
  IpFamily,
  NodeClassPolicy,
} from '../../inventory/engine-settings.ts';
import { type Fields, labelMap, list, optionalObject, optionalString } from '../fields.ts';

/**
 * Whether the ConfigMap `amazon-vpc-cni` switches the controller on: the controller compares the text and
 * takes anything else, and its absence, for no.
 * Source: amazon-network-policy-controller-k8s, pkg/utils/configmap/configmap.go, GetConfigmapCheckFn;
 * https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 * @throws MalformedObject
 */
export function readVpcCniController(configMap: Fields | null): boolean {
  return configMap !== null && dataOf(configMap)['enable-network-policy-controller'] === 'true';
}

/** What the agent does where its ConfigMap does not say (cilium/cilium, pkg/option/config.go). */
const CILIUM_DEFAULTS = {
  core: true,
  clusterNetworkPolicy: false,
  own: true,
  ownClusterwide: true,
  hostFirewall: false,
  audit: false,
};

/**
 * The flags of Cilium in its ConfigMap `cilium-config`.
 * @throws MalformedObject
 */
export function readCilium(configMap: Fields): CiliumSettings {
  const data = dataOf(configMap);
  const enforcement = (data['enable-policy'] ?? 'default').toLowerCase();
  const flag = (name: string, otherwise: boolean): boolean | null => {
    const value = data[name];
    return value === undefined || value === '' ? otherwise : asBoolean(value);
  };
  return {
    enforcement: isMode(enforcement) ? enforcement : null,
    audit: flag('policy-audit-mode', CILIUM_DEFAULTS.audit),
    core: flag('enable-k8s-networkpolicy', CILIUM_DEFAULTS.core),
    clusterNetworkPolicy: flag('enable-k8s-cluster-network-policy', CILIUM_DEFAULTS.clusterNetworkPolicy),
    own: flag('enable-cilium-network-policy', CILIUM_DEFAULTS.own),
    ownClusterwide: flag('enable-cilium-clusterwide-network-policy', CILIUM_DEFAULTS.ownClusterwide),
    hostFirewall: flag('enable-host-firewall', CILIUM_DEFAULTS.hostFirewall),
    identityLabels: data['label-prefix-file'] ? null : (data['labels'] ?? ''),
    chaining: data['cni-chaining-mode'] ?? 'none',
    ...family('ipv4', data['enable-ipv4']),
    ...family('ipv6', data['enable-ipv6']),
  };
}

const family = (
  name: 'ipv4' | 'ipv6',
  value: string | undefined,
): { readonly [key in typeof name]?: boolean } => {
  const enabled = asBoolean(value);
  return enabled === null ? {} : { [name]: enabled };
};

const MODES = ['default', 'always', 'never'] as const;
const isMode = (text: string): text is (typeof MODES)[number] => MODES.some((mode) => mode === text);

/**
 * `spec.networkPolicy` of a NodeClass, DefaultAllow unless given.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
 * @throws MalformedObject
 */
export function readNodeClass(object: Fields): NodeClassPolicy {
  const spec = optionalObject(object['spec'], 'spec');
  const policy = optionalString(spec?.['networkPolicy'], 'spec.networkPolicy') || 'DefaultAllow';
  return policy === 'DefaultAllow' || policy === 'DefaultDeny' ? policy : null;
}

/**
 * The family of a node's internal addresses, which is that of the addresses of its pods: EKS gives nodes of an IPv6
 * cluster an IPv6 address (https://docs.aws.amazon.com/eks/latest/userguide/deploy-ipv6-cluster.html). A node with both
 * tells of no single one (https://kubernetes.io/docs/concepts/services-networking/dual-stack/).
 * @throws MalformedObject
 */
export function readIpFamily(node: Fields): IpFamilies | null {
  const status = optionalObject(node['status'], 'status');
  const families = new Set<IpFamily>();
  for (const [index, entry] of list(status?.['addresses'], 'status.addresses').entries()) {
    const path = `status.addresses[${index}]`;
    const address = optionalObject(entry, path);
    if (address?.['type'] !== 'InternalIP') continue;
    const text = optionalString(address['address'], `${path}.address`);
    if (text) families.add(text.includes(':') ? 'ipv6' : 'ipv4');
  }
  const [family = null] = families;
  return families.size > 1 ? 'both' : family;
}

/** All that is read of the ConfigMaps of policy engines; a snapshot keeps no other. */
export const SETTING_KEYS: ReadonlySet<string> = new Set([
  'enable-network-policy-controller',
  'enable-policy',
  'policy-audit-mode',
  'enable-k8s-networkpolicy',
  'enable-k8s-cluster-network-policy',
  'enable-cilium-network-policy',
  'enable-cilium-clusterwide-network-policy',
  'enable-host-firewall',
  'label-prefix-file',
  'labels',
  'cni-chaining-mode',
  'enable-ipv4',
  'enable-ipv6',
]);

export const isSettingKey = (key: string): boolean => SETTING_KEYS.has(key);

const dataOf = (configMap: Fields): Readonly<Record<string, string>> => {
  const data = Object.entries(labelMap(configMap['data'], 'data'));
  return Object.assign(Object.create(null), Object.fromEntries(data.filter(([key]) => isSettingKey(key))));
};

/** What Go's `strconv.ParseBool` takes. */
export function asBoolean(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : null;
}
