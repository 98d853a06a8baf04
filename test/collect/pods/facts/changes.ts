import type {
  ContainerFacts,
  ContainerPort,
  PodRecord,
  PodSpecFacts,
  VolumeFacts,
  VolumeMount,
} from '../../../../lambda/inventory/pod.ts';
import type { JsonObject } from '../../../bench/encoding/encode.ts';

/**
 * For every fact of a pod one change of a pod that changes this fact. The types demand one for each: whoever adds a
 * fact adds a line here, and the tests beside this file see it read from both encodings, kept apart between replicas,
 * and take part in the class.
 */

type Json = { [key: string]: Json } & Json[];
export type Change = (pod: Json) => void;
type ChangeOf<Facts> = { readonly [Name in keyof Required<Facts>]: Change };

/** A pod in which every field that a change touches is there. */
export const BASE: JsonObject = {
  metadata: {
    name: 'agent-x',
    namespace: 'kube-system',
    uid: 'u-1',
    creationTimestamp: '2026-11-01T00:00:00Z',
    labels: { app: 'agent', tier: 'a' },
    annotations: { 'sidecar.istio.io/inject': 'true' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'o', controller: true },
    ],
  },
  spec: {
    nodeName: 'node-a',
    serviceAccountName: 'agent',
    securityContext: { runAsUser: 1000, runAsNonRoot: true },
    volumes: [
      { name: 'host', hostPath: { path: '/var' } },
      { name: 'tmp', emptyDir: {} },
      { name: 'settings', configMap: { name: 'settings' } },
    ],
    initContainers: [{ name: 'setup', image: 'setup:1' }],
    containers: [
      {
        name: 'calico-node',
        image: 'agent:1.0.0',
        securityContext: { runAsUser: 1000, runAsNonRoot: true, readOnlyRootFilesystem: false },
        volumeMounts: [
          { name: 'host', mountPath: '/host' },
          { name: 'host', mountPath: '/logs', readOnly: true },
        ],
        ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
      },
    ],
  },
  status: {
    phase: 'Running',
    startTime: '2026-11-01T00:00:05Z',
    hostIP: '10.0.9.1',
    hostIPs: [{ ip: '10.0.9.1' }],
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
    containerStatuses: [
      {
        name: 'calico-node',
        imageID: 'sha256:1',
        image: 'agent:1.0.0',
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-11-01T00:00:09Z' } },
      },
    ],
  },
};

export const set =
  (value: unknown, ...path: readonly (string | number)[]): Change =>
  (pod) => {
    let at = pod;
    for (const step of path.slice(0, -1)) {
      at[step as string] ??= {} as Json;
      at = at[step as string] as Json;
    }
    Object.assign(at, { [path.at(-1) as string]: value });
  };

export const ofContainer = (value: unknown, ...path: readonly (string | number)[]): Change =>
  set(value, 'spec', 'containers', 0, ...path);

export const MOUNT: ChangeOf<VolumeMount> = {
  volume: ofContainer('tmp', 'volumeMounts', 0, 'name'),
  path: ofContainer('/var/host', 'volumeMounts', 0, 'mountPath'),
  readOnly: ofContainer(true, 'volumeMounts', 0, 'readOnly'),
  recursiveReadOnly: ofContainer('Enabled', 'volumeMounts', 1, 'recursiveReadOnly'),
};

export const PORT: ChangeOf<ContainerPort> = {
  name: ofContainer('metrics', 'ports', 0, 'name'),
  port: ofContainer(81, 'ports', 0, 'containerPort'),
  protocol: ofContainer('UDP', 'ports', 0, 'protocol'),
};

type Source<Type> = Extract<VolumeFacts, { type: Type }>;

export const HOST_PATH: ChangeOf<Source<'hostPath'>> = {
  type: set({ name: 'host', emptyDir: {} }, 'spec', 'volumes', 0),
  name: set('logs', 'spec', 'volumes', 0, 'name'),
  path: set('/opt', 'spec', 'volumes', 0, 'hostPath', 'path'),
};

export const EMPTY_DIR: ChangeOf<Source<'emptyDir'>> = {
  type: set({ name: 'tmp', hostPath: { path: '/tmp' } }, 'spec', 'volumes', 1),
  name: set('scratch', 'spec', 'volumes', 1, 'name'),
  medium: set('Memory', 'spec', 'volumes', 1, 'emptyDir', 'medium'),
  sizeLimit: set('2Gi', 'spec', 'volumes', 1, 'emptyDir', 'sizeLimit'),
};

export const CONTAINER: ChangeOf<ContainerFacts> = {
  name: ofContainer('app', 'name'),
  type: set('Always', 'spec', 'initContainers', 0, 'restartPolicy'),
  image: ofContainer('agent:latest', 'image'),
  imageId: set('sha256:2', 'status', 'containerStatuses', 0, 'imageID'),
  readOnlyRootFilesystem: ofContainer(true, 'securityContext', 'readOnlyRootFilesystem'),
  runAsNonRoot: ofContainer(false, 'securityContext', 'runAsNonRoot'),
  runAsUser: ofContainer(0, 'securityContext', 'runAsUser'),
  mounts: ofContainer([], 'volumeMounts'),
  ports: ofContainer([], 'ports'),
};

export const SPEC: ChangeOf<PodSpecFacts> = {
  containers: set([{ name: 'debug', image: 'busybox' }], 'spec', 'ephemeralContainers'),
  volumes: set({ name: 'settings', emptyDir: {} }, 'spec', 'volumes', 2),
  hostNetwork: set(true, 'spec', 'hostNetwork'),
  runAsNonRoot: set(false, 'spec', 'securityContext', 'runAsNonRoot'),
  runAsUser: set(0, 'spec', 'securityContext', 'runAsUser'),
  os: set({ name: 'windows' }, 'spec', 'os'),
  mirror: set('x', 'metadata', 'annotations', 'kubernetes.io/config.mirror'),
  annotations: set('false', 'metadata', 'annotations', 'sidecar.istio.io/inject'),
  policyAgent: ofContainer([{ name: 'CALICO_API_GROUP', value: 'projectcalico.org/v3' }], 'env'),
};

/** Facts that come from several fields: a change for each of the other fields. */
export const OTHER_FIELDS: Readonly<Record<string, Change>> = {
  'os by node selector': set({ 'kubernetes.io/os': 'windows' }, 'spec', 'nodeSelector'),
  'os by host process of the pod': set({ hostProcess: true }, 'spec', 'securityContext', 'windowsOptions'),
  'os by host process of a container': ofContainer(
    { hostProcess: true },
    'securityContext',
    'windowsOptions',
  ),
  'os by affinity': set(
    [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['windows'] }] }],
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  ),
  'mounts by status': (pod) => {
    ofContainer('IfPossible', 'volumeMounts', 1, 'recursiveReadOnly')(pod);
    const mount = { name: 'host', mountPath: '/logs', recursiveReadOnly: 'Enabled' };
    set([mount], 'status', 'containerStatuses', 0, 'volumeMounts')(pod);
  },
  'agent by arguments': (pod) => {
    ofContainer('kube-router', 'name')(pod);
    ofContainer(['--run-firewall=false'], 'args')(pod);
  },
};

/** What belongs to the pod alone takes no part in the class by itself; see `ClassInput` for what does. */
export const RECORD: ChangeOf<Omit<PodRecord, 'spec' | 'source'>> = {
  name: set('agent-y', 'metadata', 'name'),
  namespace: set('default', 'metadata', 'namespace'),
  uid: set('u-2', 'metadata', 'uid'),
  labels: set('b', 'metadata', 'labels', 'tier'),
  owner: set('other', 'metadata', 'ownerReferences', 0, 'name'),
  createdAt: set('2026-11-02T00:00:00Z', 'metadata', 'creationTimestamp'),
  startedAt: set('2026-11-02T00:00:00Z', 'status', 'startTime'),
  deletedAt: set('2026-11-02T00:00:00Z', 'metadata', 'deletionTimestamp'),
  phase: set('Failed', 'status', 'phase'),
  nodeName: set('node-b', 'spec', 'nodeName'),
  serviceAccount: set('other', 'spec', 'serviceAccountName'),
  networkInterface: set('[{"eniId":"eni-01"}]', 'metadata', 'annotations', 'vpc.amazonaws.com/pod-eni'),
  addresses: set([{ ip: '10.0.0.2' }], 'status', 'podIPs'),
  nodeAddresses: set([{ ip: '10.0.9.2' }], 'status', 'hostIPs'),
  containerStates: set(
    '2026-11-02T00:00:09Z',
    'status',
    'containerStatuses',
    0,
    'state',
    'running',
    'startedAt',
  ),
};

export function changed(change: Change, pod: JsonObject = BASE): JsonObject {
  const copy = structuredClone(pod) as Json;
  change(copy);
  return copy;
}
