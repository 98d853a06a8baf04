import { parse } from 'yaml';
import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type { Setting, Unread } from '../../inventory/engine-settings.ts';
import {
  DEFAULT_REVISION,
  type MeshConfig,
  type MeshConfigs,
  type OutboundMode,
} from '../../inventory/mesh.ts';
import { type ConfigMapName, configMapTitle, readConfigMap, understood } from '../engines/read-setting.ts';
import { type Fields, MalformedObject, optionalObject, optionalString, requiredString } from '../fields.ts';

/** Where `istioctl` and the Helm charts install, which is the root namespace too unless another is named. */
export const MESH_NAMESPACE = 'istio-system';
/** The one of a control plane without revision; others add `-` and theirs (istio pilot/pkg/bootstrap/mesh.go). */
export const MESH_CONFIG_MAP = 'istio';

/** Revisions are labels; this is also what keeps a name out of other paths. */
const REVISION = /^[a-z0-9](?:[-a-z0-9]{0,60}[a-z0-9])?$/;
/** Anybody who makes pods can name revisions. */
const MOST_REVISIONS = 10;

const nameOf = (revision: string): string =>
  revision === DEFAULT_REVISION ? MESH_CONFIG_MAP : `${MESH_CONFIG_MAP}-${revision}`;

const idOf = (revision: string): ConfigMapName => ({ namespace: MESH_NAMESPACE, name: nameOf(revision) });

/** Whether a ConfigMap of this `namespace/name` may configure a mesh. */
export const isMeshConfig = (path: string): boolean => revisionOf(path) !== null;

function revisionOf(path: string): string | null {
  if (path === `${MESH_NAMESPACE}/${MESH_CONFIG_MAP}`) return DEFAULT_REVISION;
  const prefix = `${MESH_NAMESPACE}/${MESH_CONFIG_MAP}-`;
  const revision = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  return REVISION.test(revision) && revision !== DEFAULT_REVISION ? revision : null;
}

/** Asks for the configurations of some control planes, by their revisions. */
export async function readMeshConfigs(api: KubeApi, revisions: readonly string[]): Promise<MeshConfigs> {
  const wanted = revisions.filter((revision) => REVISION.test(revision)).slice(0, MOST_REVISIONS);
  const read = async (revision: string): Promise<readonly [string, Setting<MeshConfig>]> => [
    revision,
    configFrom(revision, await readConfigMap(api, idOf(revision))),
  ];
  return new Map(await Promise.all(wanted.map(read)));
}

/** @param configMaps of a snapshot, by name */
export function meshConfigsOf(configMaps: ReadonlyMap<string, Setting<Fields>>): MeshConfigs {
  const found = [...configMaps].flatMap(([name, configMap]) => {
    const revision = revisionOf(`${MESH_NAMESPACE}/${name}`);
    return revision === null ? [] : [[revision, configFrom(revision, configMap)] as const];
  });
  return new Map(found);
}

function configFrom(revision: string, configMap: Setting<Fields | null>): Setting<MeshConfig> {
  const title = configMapTitle(idOf(revision));
  if ('unread' in configMap) return { unread: withRole(configMap.unread) };
  if (configMap.known === null) {
    return {
      unread: {
        reason: 'field-missing',
        message: `${title} does not exist, so the configuration of the mesh is not known.`,
        remedy: `Set outboundTrafficPolicy in Sidecars; the configuration is read in ${MESH_NAMESPACE} alone.`,
      },
    };
  }
  return understood(title, configMap, (found) => readMeshConfig(found ?? {}));
}

/** Not every cluster has the namespace, so the Role is in a separate manifest. */
const withRole = (unread: Unread): Unread =>
  unread.reason === 'forbidden'
    ? { ...unread, remedy: 'Apply manifests/mesh-role.yaml, or set outboundTrafficPolicy in Sidecars.' }
    : unread;

/** @throws MalformedObject */
function readMeshConfig(configMap: Fields): MeshConfig {
  const data = optionalObject(configMap['data'], 'data') ?? {};
  const config = optionalObject(parsed(requiredString(data['mesh'], 'data.mesh')), 'data.mesh') ?? {};
  const root = optionalString(either(config, 'rootNamespace', 'root_namespace'), 'rootNamespace');
  return { outbound: outboundOf(config), rootNamespace: root || MESH_NAMESPACE };
}

/** All that is read of it, in either spelling. */
const MESH_FIELDS = ['rootNamespace', 'root_namespace', 'outboundTrafficPolicy', 'outbound_traffic_policy'];

/**
 * The data of a ConfigMap reduced to what is read of a mesh's configuration, which may also hold tokens.
 * @returns `null` for ConfigMaps that configure no mesh
 */
export function reducedMeshConfig(path: string, data: Fields): Fields | null {
  if (!isMeshConfig(path)) return null;
  const text = data['mesh'];
  if (typeof text !== 'string') return text === undefined ? {} : { mesh: text };
  try {
    const config = optionalObject(parsed(text), 'data.mesh');
    if (config === null) return { mesh: text === '' ? '' : 'null' };
    return {
      mesh: JSON.stringify(
        Object.fromEntries(
          MESH_FIELDS.flatMap((key) => (Object.hasOwn(config, key) ? [[key, config[key]]] : [])),
        ),
      ),
    };
  } catch (error) {
    if (!(error instanceof MalformedObject)) throw error;
    // As wrong as it was.
    return { mesh: error.message.includes('YAML') ? '{' : '[]' };
  }
}

/** Whatever it throws, the text is the cause: it is no YAML, or one that grows without end. */
function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch {
    throw new MalformedObject('data.mesh is not YAML');
  }
}

/** The control plane takes both spellings of a field (https://protobuf.dev/programming-guides/json/). */
function either(config: Fields, name: string, proto: string): unknown {
  if (config[name] !== undefined && config[proto] !== undefined) {
    throw new MalformedObject(`${name} is set in both spellings`);
  }
  return config[name] ?? config[proto];
}

/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-OutboundTrafficPolicy-Mode */
const MODES: ReadonlyMap<unknown, OutboundMode> = new Map<unknown, OutboundMode>([
  ['ALLOW_ANY', 'ALLOW_ANY'],
  ['REGISTRY_ONLY', 'REGISTRY_ONLY'],
  // Like ALLOW_ANY, but for how the sidecar finds the address.
  ['ALLOW_ANY_DYNAMIC_DNS', 'ALLOW_ANY'],
]);

/** Without a policy the mode is ALLOW_ANY (istio pkg/config/mesh/mesh.go, DefaultMeshConfig). */
function outboundOf(config: Fields): Setting<OutboundMode> {
  const policy = either(config, 'outboundTrafficPolicy', 'outbound_traffic_policy');
  if (policy === undefined || policy === null) return { known: 'ALLOW_ANY' };
  const mode = MODES.get(optionalObject(policy, 'outboundTrafficPolicy')?.['mode']);
  if (mode !== undefined) return { known: mode };
  return {
    unread: {
      reason: 'policy-not-understood',
      message: 'The outbound mode in the mesh configuration is not a known one.',
      remedy: 'Set meshConfig.outboundTrafficPolicy.mode to REGISTRY_ONLY or ALLOW_ANY.',
    },
  };
}
