import type { KubernetesObject } from '../environment/api-client.ts';
import { NODE_IMAGE } from '../environment/real-node-binaries.ts';
import { REAL_NODE } from './nodes.ts';
import type { Seeded } from './seeded.ts';

/** The namespace of the pods that run on the real node. */
export const REAL_NAMESPACE = 'real';

/** A library of the image, of 1 MiB. */
const LIBRARY = '/usr/lib/libexample.so';
const KIB = 1024;
const MIB = 1024 * KIB;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Pods whose names say what they do to their files. They run on the real node, in its network: there
 * is no other. Nobody schedules them, so they name their node.
 */
export function realPods(): readonly Seeded[] {
  return [
    ...[namespace(), serviceAccount(), certificates()].map((object) => ({ object })),
    ...[
      pod('idle', [container(['hold'])]),
      pod('idle-read-only', [container(['hold'], { securityContext: { readOnlyRootFilesystem: true } })]),
      pod('idle-mounts', [container(['hold'], { volumeMounts: MOUNTS })], {
        serviceAccountName: 'default',
        volumes: VOLUMES,
      }),
      pod('writes-20-mib', [container([`write:/data/file:${20 * MIB}`, 'hold'])]),
      pod('makes-1000-empty-files', [container(['empty:/data:1000', 'hold'])]),
      pod('replaces-library', [container([`append:${LIBRARY}:x`, 'hold'])]),
      pod('deletes-library', [container([`delete:${LIBRARY}`, 'hold'])]),
      pod('rotates-files', [container(['rotate:/data:5000'])]),
      pod(
        'writes-to-a-volume',
        [container([`write:/cache/file:${20 * MIB}`, 'hold'], { volumeMounts: [CACHE] })],
        {
          volumes: [{ name: 'cache', emptyDir: {} }],
        },
      ),
      // Its first container leaves 20 MiB behind, which are gone with it.
      pod('restarts', [container([`crash:/cache/started:${20 * MIB}`, 'hold'], { volumeMounts: [CACHE] })], {
        volumes: [{ name: 'cache', emptyDir: {} }],
      }),
      pod('completes', [container([`write:/data/file:${20 * MIB}`, 'exit:0'])], { restartPolicy: 'Never' }),
      pod('has-sidecar', [container(['hold'])], {
        initContainers: [
          container([`write:/data/file:${20 * MIB}`, 'exit:0'], { name: 'setup' }),
          container([`write:/data/file:${20 * MIB}`, 'hold'], { name: 'proxy', restartPolicy: 'Always' }),
        ],
      }),
    ].map((object) => ({ object })),
    web(),
  ];
}

/** One more pod, for whoever wants to see a container start. */
export function startsLate(name: string): KubernetesObject {
  return pod(name, [container(['hold'])]);
}

/** A pod that the kubelet takes from a file, and shows to the API server under another UID. */
export function realStaticPods(): readonly KubernetesObject[] {
  return [pod('static', [container([`write:/data/file:${20 * MIB}`, 'hold'])])];
}

/** Its name at the API server. */
export const STATIC_POD = `static-${REAL_NODE}`;

/** A container that keeps running, and between which bounds its layer is. */
export interface RunningContainer {
  readonly pod: string;
  readonly container: string;
  readonly bytes: readonly [number, number];
  readonly inodes: readonly [number, number];
}

/**
 * What each running container did, as numbers. Folders take no space on XFS and 4 KiB each on ext4; a
 * layer counts its own folder and what the runtime mounts into it.
 */
export const RUNNING_CONTAINERS: readonly RunningContainer[] = [
  layer('idle', [0, 64 * KIB], [1, 10]),
  layer('idle-read-only', [0, 64 * KIB], [1, 10]),
  layer('idle-mounts', [0, 128 * KIB], [5, 40]),
  layer('writes-20-mib', [20 * MIB, 21 * MIB], [3, 20]),
  layer('makes-1000-empty-files', [0, 256 * KIB], [1_001, 1_020]),
  // One byte more, and the whole library is there.
  layer('replaces-library', [MIB, MIB + 128 * KIB], [3, 20]),
  layer('deletes-library', [0, 128 * KIB], [3, 20]),
  layer('writes-to-a-volume', [0, 64 * KIB], [2, 10]),
  layer('restarts', [0, 64 * KIB], [2, 10]),
  layer('has-sidecar', [0, 64 * KIB], [1, 10]),
  { ...layer('has-sidecar', [20 * MIB, 21 * MIB], [3, 20]), container: 'proxy' },
  layer('web-7d4b9c6f5d-aaaaa', [0, 64 * KIB], [1, 10]),
  layer('web-7d4b9c6f5d-bbbbb', [20 * MIB, 21 * MIB], [3, 20]),
  layer(STATIC_POD, [20 * MIB, 21 * MIB], [3, 20]),
];

function layer(
  name: string,
  bytes: RunningContainer['bytes'],
  inodes: RunningContainer['inodes'],
): RunningContainer {
  return { pod: name, container: 'main', bytes, inodes };
}

/** Two replicas, of which one has drifted. */
function web(): Seeded {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: podSpec([container(['hold'])]) };
  const workload = (kind: string, name: string): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: REAL_NAMESPACE, labels },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  });
  const replica = (name: string, steps: readonly string[]): Seeded => {
    const object = pod(name, [container(steps)]);
    return { object: { ...object, metadata: { ...object.metadata, labels } } };
  };
  return {
    object: workload('Deployment', 'web'),
    owns: [
      {
        object: workload('ReplicaSet', 'web-7d4b9c6f5d'),
        owns: [
          replica('web-7d4b9c6f5d-aaaaa', ['hold']),
          replica('web-7d4b9c6f5d-bbbbb', [`write:/data/file:${20 * MIB}`, 'hold']),
        ],
      },
    ],
  };
}

function pod(name: string, containers: readonly Fields[], spec: Fields = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: REAL_NAMESPACE },
    spec: { nodeName: REAL_NODE, ...podSpec(containers), ...spec },
  };
}

function podSpec(containers: readonly Fields[]): Fields {
  return {
    hostNetwork: true,
    dnsPolicy: 'Default',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    containers,
  };
}

function container(steps: readonly string[], more: Fields = {}): Fields {
  return { name: 'main', image: NODE_IMAGE, imagePullPolicy: 'Never', args: steps, ...more };
}

const CACHE = { name: 'cache', mountPath: '/cache' };

/** What most pods of a cluster have mounted, so that their idle layers can be told. */
const MOUNTS = [
  CACHE,
  { name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
  { name: 'settings', mountPath: '/etc/app/settings', readOnly: true },
];

const VOLUMES = [
  { name: 'cache', emptyDir: {} },
  { name: 'settings', configMap: { name: 'kube-root-ca.crt' } },
  {
    name: 'token',
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  },
];

function namespace(): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: REAL_NAMESPACE } };
}

// Controllers make these two, and none run here.
function serviceAccount(): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: REAL_NAMESPACE },
  };
}

function certificates(): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace: REAL_NAMESPACE },
    data: { 'ca.crt': 'not needed here' },
  };
}
