import type { Unread } from '../../inventory/engine-settings.ts';
import { type Fields, optionalObject } from '../fields.ts';
import { nameOf } from '../read-object.ts';
import { isSettingKey } from './engine-settings.ts';
import { CILIUM_NODE_CONFIG } from './engine-sources.ts';

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
