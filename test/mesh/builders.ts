import type { MeshConfig, MeshConfigs, OutboundMode } from '../../lambda/inventory/mesh.ts';
import type { Labels } from '../../lambda/inventory/names.ts';
import type { ContainerFacts, PodRecord } from '../../lambda/inventory/pod.ts';
import type { PodClass } from '../../lambda/inventory/pod-class.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { createMesh, type Mesh } from '../../lambda/mesh/mesh.ts';
import { aContainer, aPod, aSpec, classesOf } from '../support/builders.ts';

const istio = (kind: string, namespace: string, name: string, spec: unknown): PolicyObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind,
  namespace,
  name,
  labels: {},
  spec,
});

export const aSidecar = (spec: unknown, namespace = 'shop', name = 'default'): PolicyObject =>
  istio('Sidecar', namespace, name, spec);

export const outbound = (mode: string) => ({ outboundTrafficPolicy: { mode } });

/** A sound entry for one host over TLS, with changes. */
export const anEntry = (spec: unknown = {}, namespace = 'shop', name = 'entry'): PolicyObject =>
  istio('ServiceEntry', namespace, name, {
    hosts: ['api.example.com'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    location: 'MESH_EXTERNAL',
    resolution: 'DNS',
    ...(spec as object),
  });

export const tcp = (number: number) => [{ number, name: `tcp-${number}`, protocol: 'TCP' }];

export const configs = (
  mode: OutboundMode = 'REGISTRY_ONLY',
  rootNamespace = 'istio-system',
): MeshConfigs => {
  const config: MeshConfig = { outbound: { known: mode }, rootNamespace };
  return new Map([['default', { known: config }]]);
};

export const proxy = (type: ContainerFacts['type'] = 'container') => aContainer('istio-proxy', { type });

export interface Meshed {
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly containers?: readonly ContainerFacts[];
  readonly facts?: Partial<PodRecord>;
  readonly hostNetwork?: boolean;
}

/** A pod with a sidecar unless other containers are given. */
export const aMeshPod = ({ namespace = 'shop', name = 'web', ...more }: Meshed = {}): PodRecord => {
  const { labels = {}, annotations, containers = [aContainer(), proxy()], hostNetwork = false, facts } = more;
  const spec = aSpec({ containers, hostNetwork, ...(annotations ? { annotations } : {}) });
  return aPod({
    namespace,
    name: `${name}-0`,
    labels,
    owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name },
    spec,
    ...facts,
  });
};

export const classes = (...pods: readonly PodRecord[]): readonly PodClass[] =>
  classesOf(pods, { labelKeys: pods.flatMap(({ labels }) => Object.keys(labels)) });

export const aMember = (meshed: Meshed = {}): PodClass => {
  const [found] = classes(aMeshPod(meshed));
  if (found === undefined) throw new Error('the pod made no class');
  return found;
};

export interface MeshFacts {
  readonly classes?: readonly PodClass[];
  readonly mesh?: readonly PolicyObject[];
  readonly meshConfigs?: MeshConfigs;
  readonly namespaces?: Readonly<Record<string, Labels>>;
}

export const aMesh = ({
  classes: all = [],
  mesh = [],
  meshConfigs = configs(),
  namespaces = {},
}: MeshFacts): Mesh =>
  createMesh({ classes: all, mesh, meshConfigs, namespaces: new Map(Object.entries(namespaces)) });
