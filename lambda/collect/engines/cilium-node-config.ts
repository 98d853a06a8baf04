import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type { Unread } from '../../inventory/engine-settings.ts';
import { type Fields, optionalObject } from '../fields.ts';
import { listPath } from '../policies/policy-kinds.ts';
import type { ServedKinds } from '../policies/served-kinds.ts';
import { nameOf } from '../read-object.ts';
import { isSettingKey } from './engine-settings.ts';
import { CILIUM_NODE_CONFIG, CILIUM_NODE_CONFIG_VERSIONS, CILIUM_NODE_CONFIGS } from './engine-sources.ts';
import { listSetting, setting, understood } from './read-setting.ts';

const TITLE = 'The list of CiliumNodeConfigs';

/**
 * The same of a cluster, whose agents run Cilium. Only a server that says that it does not have the kind has none.
 * @returns `null` where none sets a flag that is read
 */
export async function listCiliumPerNode(api: KubeApi, served: ServedKinds): Promise<Unread | null> {
  const { group, resource } = CILIUM_NODE_CONFIGS;
  const kind = { plural: resource, sources: [{ group, versions: CILIUM_NODE_CONFIG_VERSIONS }] };
  const places = await setting(TITLE, async () => {
    const { candidates, unknown } = await served.locate(kind);
    if (unknown !== null) throw unknown;
    return candidates;
  });
  if ('unread' in places) return places.unread;
  // Versions of one kind show the same objects.
  const [place] = places.known;
  if (place === undefined) return null;
  const path = listPath(group, place.version, resource);
  const objects = await listSetting(api, TITLE, { path, kind: CILIUM_NODE_CONFIG.kind });
  const found = understood(TITLE, objects, (all) => all.map(ciliumPerNode).find((unread) => unread !== null));
  return 'unread' in found ? found.unread : (found.known ?? null);
}

/**
 * Why the flags of Cilium are not known of every node: its `spec.defaults` go before `cilium-config` on the nodes that it
 * selects.
 * Source: https://docs.cilium.io/en/stable/configuration/per-node-config/
 * @returns `null` where it sets none that is read
 * @throws MalformedObject
 */
export function ciliumPerNode(object: Fields): Unread | null {
  const spec = optionalObject(object['spec'], 'spec');
  const key = Object.keys(optionalObject(spec?.['defaults'], 'spec.defaults') ?? {}).find(isSettingKey);
  if (key === undefined) return null;
  const { kind } = CILIUM_NODE_CONFIG;
  const { namespace, name } = nameOf(object, kind);
  return {
    reason: 'field-missing',
    message: `${kind} ${namespace}/${name} sets ${key} on some nodes, and which flags hold on which node is not read.`,
    remedy: `Set ${key} in cilium-config alone.`,
  };
}
