import { managedBy } from '../../sample/fleet/managed-fields.ts';
import type { JsonObject } from '../encoding/encode.ts';
import { instant, POD_SLOTS, TIME_SLOTS, WORKLOAD_SLOTS } from './placeholders.ts';

/** One shape of workload, as they are found in clusters of companies. */
export interface Archetype {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job';
  readonly containers: number;
  readonly init: boolean;
  /** Environment variables of the main container. */
  readonly env: number;
  /** Hardened as the restricted Pod Security Standard asks, with a read-only root filesystem. */
  readonly hardened: boolean;
}

/** The mix of a cluster, workload after workload. */
export const ARCHETYPES: readonly Archetype[] = [
  { kind: 'Deployment', containers: 1, init: false, env: 6, hardened: false },
  { kind: 'Deployment', containers: 1, init: true, env: 5, hardened: false },
  { kind: 'Deployment', containers: 1, init: false, env: 12, hardened: true },
  { kind: 'StatefulSet', containers: 1, init: true, env: 3, hardened: false },
  { kind: 'Deployment', containers: 2, init: false, env: 0, hardened: true },
  { kind: 'Deployment', containers: 1, init: false, env: 16, hardened: false },
  { kind: 'DaemonSet', containers: 2, init: false, env: 1, hardened: false },
  { kind: 'Deployment', containers: 1, init: false, env: 3, hardened: true },
  { kind: 'Job', containers: 1, init: false, env: 4, hardened: false },
  { kind: 'Deployment', containers: 2, init: false, env: 3, hardened: false },
];

const { namespace, workload, hash, ownerUid, version } = WORKLOAD_SLOTS;
const { suffix, token, uid, resourceVersion, node, hostIp, podIp } = POD_SLOTS;
const CREATED = instant(TIME_SLOTS.created);
const STARTED = instant(TIME_SLOTS.started);
const TOKEN = `kube-api-access-${token}`;
const NODE = `ip-10-${node}.eu-west-1.compute.internal`;
const DIGESTS = [WORKLOAD_SLOTS.digest0, WORKLOAD_SLOTS.digest1, WORKLOAD_SLOTS.digest2];
const CONTAINER_IDS = [POD_SLOTS.container0, POD_SLOTS.container1, POD_SLOTS.container2];
const NAMES = ['app', 'proxy', 'metrics'];
const IMAGES = [
  `111122223333.dkr.ecr.eu-west-1.amazonaws.com/services/${workload}`,
  'registry.example.com/mesh/proxy',
  'registry.example.com/telemetry/exporter',
];

/** A whole pod as the API server holds it, with placeholders for what differs. */
export function podOf(archetype: Archetype): JsonObject {
  const metadata = metadataOf(archetype);
  const template = templateOf(archetype);
  const status = statusOf(archetype);
  const finished = archetype.kind === 'Job';
  return {
    metadata: {
      ...metadata,
      name: `${generateName(archetype)}${suffix}`,
      namespace,
      uid,
      resourceVersion,
      creationTimestamp: CREATED,
      managedFields: [
        managedBy({
          manager: 'kube-controller-manager',
          apiVersion: 'v1',
          at: TIME_SLOTS.created,
          fields: { metadata, spec: template },
        }),
        managedBy({
          manager: 'kubelet',
          apiVersion: 'v1',
          at: TIME_SLOTS.started,
          fields: { status },
          subresource: 'status',
        }),
      ],
    },
    spec: {
      ...admitted(template),
      nodeName: NODE,
      preemptionPolicy: 'PreemptLowerPriority',
      priority: 0,
      serviceAccount: 'default',
      serviceAccountName: 'default',
      tolerations: ['not-ready', 'unreachable'].map((reason) => ({
        effect: 'NoExecute',
        key: `node.kubernetes.io/${reason}`,
        operator: 'Exists',
        tolerationSeconds: 300,
      })),
      ...(finished ? { restartPolicy: 'Never' } : {}),
    },
    status,
  };
}

/** The prefix of the pod's name. */
function generateName({ kind }: Archetype): string {
  return kind === 'Deployment' ? `${workload}-${hash}-` : `${workload}-`;
}

const OWNERS = {
  Deployment: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${workload}-${hash}` },
  StatefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: workload },
  DaemonSet: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: workload },
  Job: { apiVersion: 'batch/v1', kind: 'Job', name: workload },
};

const HASH_LABELS: Readonly<Record<Archetype['kind'], JsonObject>> = {
  Deployment: { 'pod-template-hash': hash },
  StatefulSet: {
    'controller-revision-hash': `${workload}-${hash}`,
    'statefulset.kubernetes.io/pod-name': `${workload}-${suffix}`,
  },
  DaemonSet: { 'controller-revision-hash': hash, 'pod-template-generation': '3' },
  Job: { 'batch.kubernetes.io/controller-uid': ownerUid, 'batch.kubernetes.io/job-name': workload },
};

function metadataOf(archetype: Archetype): JsonObject {
  return {
    annotations: {
      'prometheus.io/path': '/metrics',
      'prometheus.io/port': '9102',
      'prometheus.io/scrape': 'true',
      'checksum/config': ownerUid.repeat(2).replaceAll('-', '').slice(0, 64),
    },
    generateName: generateName(archetype),
    labels: {
      'app.kubernetes.io/instance': workload,
      'app.kubernetes.io/managed-by': 'Helm',
      'app.kubernetes.io/name': workload,
      'app.kubernetes.io/version': version,
      'helm.sh/chart': `service-${version}`,
      tier: archetype.hardened ? 'front' : 'back',
      ...HASH_LABELS[archetype.kind],
    },
    ownerReferences: [
      { ...OWNERS[archetype.kind], blockOwnerDeletion: true, controller: true, uid: ownerUid },
    ],
  };
}

/** The template's spec with the API server's defaults, before admission. */
function templateOf(archetype: Archetype): JsonObject {
  return {
    affinity: affinityOf(archetype),
    containers: Array.from({ length: archetype.containers }, (_, index) => containerOf(archetype, index)),
    ...(archetype.init ? { initContainers: [initOf(archetype)] } : {}),
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: archetype.hardened
      ? { fsGroup: 10_001, runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } }
      : {},
    terminationGracePeriodSeconds: 30,
    volumes: [
      { configMap: { defaultMode: 420, name: `${workload}-config` }, name: 'config' },
      { emptyDir: archetype.hardened ? { sizeLimit: '64Mi' } : {}, name: 'tmp' },
      ...(archetype.kind === 'StatefulSet'
        ? [{ name: 'data', persistentVolumeClaim: { claimName: `data-${workload}-${suffix}` } }]
        : []),
      ...(archetype.kind === 'DaemonSet' ? [{ hostPath: { path: '/var/log', type: '' }, name: 'logs' }] : []),
    ],
  };
}

/** DaemonSets pin each pod to its node. */
function affinityOf({ kind }: Archetype): JsonObject {
  if (kind === 'DaemonSet') {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: [NODE] }];
    return {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
      },
    };
  }
  const podAffinityTerm = {
    labelSelector: { matchLabels: { 'app.kubernetes.io/instance': workload } },
    topologyKey: 'topology.kubernetes.io/zone',
  };
  return {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm, weight: 100 }] },
  };
}

function containerOf(archetype: Archetype, index: number): JsonObject {
  const main = index === 0;
  const port = main ? 8080 : 9100 + index;
  const probe = (path: string, more: JsonObject): JsonObject => ({
    failureThreshold: 3,
    httpGet: { path, port: 'http', scheme: 'HTTP' },
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
    ...more,
  });
  return {
    ...baseOf(archetype, { index, env: main ? archetype.env : 1 }),
    livenessProbe: probe('/healthz', { initialDelaySeconds: 10 }),
    ports: [{ containerPort: port, name: 'http', protocol: 'TCP' }],
    readinessProbe: probe('/readyz', {}),
  };
}

function initOf(archetype: Archetype): JsonObject {
  return {
    ...baseOf(archetype, { index: 0, env: 3 }),
    name: 'migrate',
    args: ['migrate', '--wait', '--timeout=120s'],
  };
}

function baseOf(archetype: Archetype, { index, env }: { index: number; env: number }): JsonObject {
  return {
    args: ['--config=/etc/service/config.yaml', `--listen=:${8080 + index}`, '--log-format=json'],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      {
        name: 'DATABASE_PASSWORD',
        valueFrom: { secretKeyRef: { key: 'password', name: `${workload}-database` } },
      },
      ...Array.from({ length: env }, (_, at) => ({
        name: `SETTING_${at}`,
        value: `http://${workload}.${namespace}:8080/v${at}`,
      })),
    ],
    image: `${IMAGES[index]}:${version}`,
    imagePullPolicy: 'IfNotPresent',
    name: NAMES[index],
    resources: { limits: { cpu: '1', memory: '512Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
    ...(archetype.hardened
      ? {
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
          },
        }
      : {}),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { mountPath: '/etc/service', name: 'config', readOnly: true },
      { mountPath: '/tmp', name: 'tmp' },
      ...(archetype.kind === 'StatefulSet' ? [{ mountPath: '/var/lib/data', name: 'data' }] : []),
      ...(archetype.kind === 'DaemonSet' ? [{ mountPath: '/host/log', name: 'logs', readOnly: true }] : []),
    ],
  };
}

/** What admission adds: the token of the service account. */
function admitted(template: JsonObject): JsonObject {
  const mount = { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: TOKEN, readOnly: true };
  const withToken = (containers: unknown): unknown =>
    (containers as { volumeMounts: object[] }[] | undefined)?.map((container) => ({
      ...container,
      volumeMounts: [...container.volumeMounts, mount],
    }));
  const namespaceFile = {
    fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
    path: 'namespace',
  };
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
    { downwardAPI: { items: [namespaceFile] } },
  ];
  return {
    ...template,
    containers: withToken(template['containers']),
    ...(template['initContainers'] ? { initContainers: withToken(template['initContainers']) } : {}),
    volumes: [
      ...(template['volumes'] as object[]),
      { name: TOKEN, projected: { defaultMode: 420, sources } },
    ],
  };
}

function statusOf(archetype: Archetype): JsonObject {
  const finished = archetype.kind === 'Job';
  const condition = (type: string, status = 'True'): JsonObject => ({
    lastProbeTime: null,
    lastTransitionTime: STARTED,
    status,
    type,
  });
  return {
    conditions: [
      condition('PodReadyToStartContainers', finished ? 'False' : 'True'),
      condition('Initialized'),
      condition('Ready', finished ? 'False' : 'True'),
      condition('ContainersReady', finished ? 'False' : 'True'),
      condition('PodScheduled'),
    ],
    containerStatuses: Array.from({ length: archetype.containers }, (_, index) =>
      containerStatus(index, { name: NAMES[index] as string, finished }),
    ),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(archetype.init
      ? { initContainerStatuses: [containerStatus(0, { name: 'migrate', finished: true })] }
      : {}),
    phase: finished ? 'Succeeded' : 'Running',
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    qosClass: 'Burstable',
    startTime: CREATED,
  };
}

function containerStatus(index: number, { name, finished }: { name: string; finished: boolean }): JsonObject {
  const containerID = `containerd://${CONTAINER_IDS[index]}`;
  const ended = { containerID, exitCode: 0, finishedAt: STARTED, reason: 'Completed', startedAt: STARTED };
  return {
    containerID,
    image: `${IMAGES[index]}:${version}`,
    imageID: `${IMAGES[index]}@sha256:${DIGESTS[index]}`,
    lastState: {},
    name,
    ready: !finished,
    restartCount: 0,
    started: !finished,
    state: finished ? { terminated: ended } : { running: { startedAt: STARTED } },
    volumeMounts: [
      { mountPath: '/etc/service', name: 'config', readOnly: true, recursiveReadOnly: 'Disabled' },
      { mountPath: '/tmp', name: 'tmp' },
      {
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
        name: TOKEN,
        readOnly: true,
        recursiveReadOnly: 'Disabled',
      },
    ],
  };
}
