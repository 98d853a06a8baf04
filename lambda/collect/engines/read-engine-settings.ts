import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type {
  CiliumSettings,
  DeclaredNetwork,
  EngineSettings,
  IpFamilies,
  NodeClassPolicy,
  Setting,
  Unread,
} from '../../inventory/engine-settings.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';
import type { Fields } from '../fields.ts';
import { getJson } from '../http/get-json.ts';
import { listIn } from '../http/list-page.ts';
import { listPath } from '../policies/policy-kinds.ts';
import type { ServedKinds } from '../policies/served-kinds.ts';
import { readMeta } from '../read-object.ts';
import { listCiliumPerNode } from './cilium-node-config.ts';
import { readCilium, readIpFamily, readNodeClass, readVpcCniController } from './engine-settings.ts';
import {
  CILIUM_CONFIG,
  ENGINE_NAMESPACE,
  NODE_CLASS_VERSION,
  NODE_CLASSES,
  VPC_CNI_CONFIG,
} from './engine-sources.ts';
import { configMapTitle, damaged, listSetting, readConfigMap, setting, understood } from './read-setting.ts';

/** What was found where settings are kept; each as the source gave it. */
export interface SettingSources {
  /** By name; `null`: there is none. */
  readonly configMaps: ReadonlyMap<string, Setting<Fields | null>>;
  readonly nodeClasses: Setting<readonly Fields[]>;
  /** Why flags of Cilium are not known of every node. */
  readonly ciliumPerNode?: Unread | null;
  /** Whether all CiliumNodeConfigs that there are were looked at. @defaultValue false */
  readonly ciliumNodeConfigsRead?: boolean;
  readonly ipFamily: IpFamilies | null;
  readonly serviceRanges?: readonly string[];
}

/**
 * Asks a cluster for the settings of the engines that were seen on its nodes, and of no other. What may
 * not be read is no gap of the inventory: it is said where it decides.
 */
export async function readEngineSettings(
  api: KubeApi,
  kinds: readonly NodeNetwork[],
  { declared, served }: { readonly declared: DeclaredNetwork; readonly served: ServedKinds },
): Promise<EngineSettings> {
  const agents = kinds.flatMap((kind) => kind.agents).filter(({ enabled }) => enabled !== false);
  const hasAuto = kinds.some(({ compute }) => compute === 'auto');
  const has = (name: string): boolean => agents.some(({ engine }) => engine === name);
  const wanted = [
    ...(hasAuto || has('vpc-cni') ? [VPC_CNI_CONFIG] : []),
    ...(has('cilium') ? [CILIUM_CONFIG] : []),
  ];
  // Agents of the VPC CNI are told the family by a flag; elsewhere the addresses of nodes tell it.
  const familyOpen = kinds.some(
    (kind) =>
      kind.compute === 'auto' || !kind.agents.some((one) => one.engine === 'vpc-cni' && one.ipv6 !== null),
  );
  const [configMaps, nodeClasses, ciliumPerNode, ipFamily] = await Promise.all([
    Promise.all(
      wanted.map(
        async (name) => [name, await readConfigMap(api, { namespace: ENGINE_NAMESPACE, name })] as const,
      ),
    ),
    hasAuto ? listNodeClasses(api) : { known: [] },
    has('cilium') ? listCiliumPerNode(api, served) : null,
    familyOpen ? (declared.ipFamily ?? familyOfNodes(api)) : null,
  ]);
  const ciliumNodeConfigsRead = has('cilium') && ciliumPerNode === null;
  return settingsFrom(
    { configMaps: new Map(configMaps), nodeClasses, ciliumPerNode, ciliumNodeConfigsRead, ipFamily },
    declared,
  );
}

/** What the sources come to. */
export function settingsFrom(
  {
    configMaps,
    nodeClasses,
    ciliumPerNode = null,
    ciliumNodeConfigsRead = false,
    ipFamily,
    serviceRanges = [],
  }: SettingSources,
  declared: DeclaredNetwork = { ipFamily: null, networkPolicy: null },
): EngineSettings {
  const controller = configMaps.get(VPC_CNI_CONFIG) ?? notIncluded(VPC_CNI_CONFIG);
  return {
    vpcCniController: controllerOf(controller, declared),
    cilium:
      ciliumPerNode === null
        ? ciliumOf(configMaps.get(CILIUM_CONFIG) ?? notIncluded(CILIUM_CONFIG))
        : { unread: ciliumPerNode },
    ...(ciliumNodeConfigsRead ? { ciliumNodeConfigsRead } : {}),
    nodeClasses: understood('The NodeClasses', nodeClasses, nodeClassesOf),
    ipFamily: declared.ipFamily ?? ipFamily,
    ...rangesOf(declared.serviceRanges ?? serviceRanges),
  };
}

const rangesOf = (serviceRanges: readonly string[]): Pick<EngineSettings, 'serviceRanges'> =>
  serviceRanges.length === 0 ? {} : { serviceRanges };

/**
 * The add-on writes this ConfigMap from its configuration values, and so speaks for it where it may not
 * be read (amazon-vpc-cni-k8s, charts/aws-vpc-cni/templates/configmap.yaml). That its values are off says
 * less: the ConfigMap may have been applied without it.
 */
function controllerOf(configMap: Setting<Fields | null>, declared: DeclaredNetwork): Setting<boolean> {
  if ('unread' in configMap && declared.networkPolicy === true) return { known: true };
  return understood(titleOf(VPC_CNI_CONFIG), configMap, readVpcCniController);
}

function ciliumOf(configMap: Setting<Fields | null>): Setting<CiliumSettings> {
  if ('known' in configMap && configMap.known === null) {
    return {
      unread: {
        reason: 'field-missing',
        message: `${titleOf(CILIUM_CONFIG)} does not exist, so the flags of Cilium are not known.`,
        remedy: `Look at enable-policy of cilium-config where Cilium is installed (kubectl get configmaps -A); it is read in ${ENGINE_NAMESPACE} alone.`,
      },
    };
  }
  return understood(titleOf(CILIUM_CONFIG), configMap, (found) => readCilium(found ?? {}));
}

const nodeClassesOf = (objects: readonly Fields[]): ReadonlyMap<string, NodeClassPolicy> =>
  new Map(objects.map((object) => [readMeta(object).name, readNodeClass(object)]));

const titleOf = (name: string): string => configMapTitle({ namespace: ENGINE_NAMESPACE, name });

const notIncluded = (name: string): { readonly unread: Unread } => ({
  unread: {
    reason: 'field-missing',
    message: `${titleOf(name)} was not read.`,
    remedy: `Include it in the snapshot: kubectl -n ${ENGINE_NAMESPACE} get configmap ${name} -o yaml.`,
  },
});

function listNodeClasses(api: KubeApi): Promise<Setting<readonly Fields[]>> {
  const { group, resource } = NODE_CLASSES;
  const path = listPath(group, NODE_CLASS_VERSION, resource);
  return listSetting(api, 'The list of NodeClasses', { path, kind: 'NodeClass' });
}

/** One node is enough: a cluster has one family. */
async function familyOfNodes(api: KubeApi): Promise<IpFamilies | null> {
  const family = await setting('The list of nodes', async () => {
    const body = await getJson(api, { path: '/api/v1/nodes', query: { limit: '1' }, damaged });
    const asked = { what: 'nodes', apiVersion: 'v1', kind: 'Node', aggregated: false };
    const [first] = listIn(body, asked).items;
    return first === undefined ? null : readIpFamily(first);
  });
  return 'known' in family ? family.known : null;
}
