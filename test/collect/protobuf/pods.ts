import fc from 'fast-check';
import { MESH_ANNOTATIONS } from '../../../lambda/inventory/annotations.ts';
import type { JsonObject } from '../../bench/encoding/encode.ts';

/** Random pods as an API server shows them in JSON: what is empty is left out (`omitempty`). */

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
const text = fc.oneof(
  name,
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.constant('__proto__'),
);
const time = fc
  .integer({ min: -62_135_596_799, max: 253_402_300_799 })
  .map((seconds) => new Date(seconds * 1000).toISOString().replace('.000', ''))
  .filter((instant) => !/^[+-]/.test(instant));
const integer = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, 1, 65_534, -1));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const few = <T>(value: fc.Arbitrary<T>) => maybe(fc.array(value, { minLength: 1, maxLength: 3 }));
/** Keys of their own, `__proto__` among them, as `JSON.parse` makes them. */
const textMap = fc
  .uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 4 })
  .map((entries): unknown =>
    JSON.parse(`{${entries.map((entry) => entry.map((part) => JSON.stringify(part)).join(':')).join()}}`),
  );

const tokenName = fc.stringMatching(/^[a-z0-9]{5}$/).map((suffix) => `kube-api-access-${suffix}`);
const volumeName = fc.oneof(fc.constantFrom('data', 'tmp', 'host'), name, tokenName);
const volume = fc
  .tuple(
    volumeName,
    fc.constantFrom(
      { hostPath: { path: '/var/log', type: 'Directory' } },
      { hostPath: { path: '' } },
      { emptyDir: {} },
      { emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      { emptyDir: { sizeLimit: '0' } },
      { configMap: { name: 'settings' } },
      { secret: { secretName: 'key', defaultMode: 420 } },
      { persistentVolumeClaim: { claimName: 'data-db-0' } },
      {
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }],
        },
      },
      {},
    ),
  )
  .map(([named, source]) => ({ name: named, ...source }));

const agentArgument = fc.oneof(
  text,
  fc.constantFrom(
    '--enable-network-policy=true',
    '--enable-network-policy=false',
    '--enable-network-policy',
    '--enable-ipv6=1',
    '--run-firewall=perhaps',
    '--enable-policy=never',
    '$(FLAGS)',
  ),
);
const agentVariable = fc.oneof(
  fc.record({ name, value: text }),
  fc.constantFrom(
    { name: 'NETWORK_POLICY_ENFORCING_MODE', value: 'strict' },
    { name: 'ENABLE_V4_EGRESS', value: 'false' },
    { name: 'ENABLE_V6_EGRESS', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'POD_SECURITY_GROUP_ENFORCING_MODE', value: 'standard' },
    { name: 'AWS_VPC_K8S_CNI_EXTERNALSNAT', value: 'true' },
    { name: 'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS', value: '192.168.0.0/16, 172.16.0.0/12' },
    {
      name: 'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS',
      valueFrom: { configMapKeyRef: { name: 'cni', key: 'cidrs' } },
    },
    { name: 'CILIUM_ENABLE_POLICY', value: 'never' },
    { name: 'CILIUM_ENABLE_POLICY', value: '' },
    { name: 'CILIUM_LABELS', valueFrom: { configMapKeyRef: { name: 'cilium', key: 'labels' } } },
    { name: 'AWS_SECRET_ACCESS_KEY', value: 'never read' },
  ),
);

const mountPath = fc.constantFrom('/host', '/data');
const windowsOptions = fc.constantFrom(
  {},
  { runAsUserName: 'NT AUTHORITY\\SYSTEM', hostProcess: true },
  { hostProcess: false },
);

const container = fc.record(
  {
    name: fc.oneof(
      fc.constantFrom('app', 'proxy', 'debug'),
      // Of these, and of no others, command, arguments and named variables are read.
      fc.constantFrom('aws-node', 'aws-eks-nodeagent', 'calico-node', 'kube-router', 'cilium-agent'),
      name,
    ),
    image: text,
    command: few(fc.oneof(agentArgument, fc.constant('cilium-agent'))),
    args: few(agentArgument),
    env: few(agentVariable),
    envFrom: few(fc.constant({ configMapRef: { name: 'more' } })),
    ports: few(
      fc.record(
        {
          name,
          containerPort: fc.integer({ min: -1, max: 65_535 }),
          protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
        },
        { requiredKeys: ['containerPort'] },
      ),
    ),
    resources: fc.constant({ limits: { cpu: '1', memory: '1Gi' } }),
    volumeMounts: few(
      fc.record(
        {
          name: volumeName,
          mountPath: fc.oneof(text, mountPath),
          readOnly: fc.constant(true),
          recursiveReadOnly: fc.constantFrom('Enabled', 'IfPossible', 'Disabled'),
        },
        { requiredKeys: ['name', 'mountPath'] },
      ),
    ),
    livenessProbe: fc.constant({ httpGet: { path: '/', port: 8080, scheme: 'HTTP' }, timeoutSeconds: 1 }),
    securityContext: fc.record(
      {
        privileged: fc.boolean(),
        runAsUser: integer,
        runAsNonRoot: fc.boolean(),
        readOnlyRootFilesystem: fc.boolean(),
        capabilities: fc.constant({ drop: ['ALL'] }),
        windowsOptions,
      },
      { requiredKeys: [] },
    ),
    restartPolicy: fc.constantFrom('Always', 'Never'),
  },
  { requiredKeys: ['name'] },
);

const requirement = (key: string, operator: string, ...values: string[]) => ({ key, operator, values });
const WINDOWS_ONLY = { matchExpressions: [requirement('kubernetes.io/os', 'In', 'windows')] };
const affinityTo = (...nodeSelectorTerms: object[]) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
});
const affinity = fc.constantFrom(
  affinityTo(WINDOWS_ONLY),
  affinityTo({
    matchExpressions: [requirement('disk', 'Exists'), requirement('beta.kubernetes.io/os', 'In', 'windows')],
    matchFields: [requirement('metadata.name', 'In', 'node-1')],
  }),
  affinityTo(WINDOWS_ONLY, { matchExpressions: [requirement('kubernetes.io/os', 'In', 'linux')] }),
  affinityTo({ matchExpressions: [requirement('kubernetes.io/os', 'NotIn', 'windows')] }),
  affinityTo({ matchExpressions: [requirement('kubernetes.io/os', 'In', 'linux', 'windows')] }),
  affinityTo({ matchExpressions: [requirement('kubernetes.io/os', 'In', 'linux')] }, {}),
  affinityTo(),
  { podAntiAffinity: {} },
);

const spec = fc.record(
  {
    volumes: few(volume),
    initContainers: few(container),
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
    ephemeralContainers: few(container),
    nodeSelector: fc.constantFrom(
      { 'kubernetes.io/os': 'windows' },
      { disk: 'ssd', 'kubernetes.io/os': 'linux' },
      { os: 'x' },
      { 'beta.kubernetes.io/os': 'windows' },
      { 'beta.kubernetes.io/os': 'windows', 'kubernetes.io/os': 'linux' },
    ),
    affinity,
    nodeName: name,
    serviceAccountName: fc.oneof(name, fc.constant('')),
    serviceAccount: fc.oneof(name, fc.constant('')),
    hostNetwork: fc.constant(true),
    securityContext: fc.record(
      {
        runAsUser: integer,
        runAsNonRoot: fc.boolean(),
        fsGroup: integer,
        supplementalGroups: fc.constant([1]),
        windowsOptions,
      },
      { requiredKeys: [] },
    ),
    tolerations: fc.constant([{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }]),
    os: fc.constantFrom({ name: 'linux' }, { name: 'windows' }, { name: 'plan9' }, { name: '' }),
  },
  { requiredKeys: ['containers'] },
);

const state = fc.oneof(
  fc.record({ running: fc.record({ startedAt: fc.oneof(time, fc.constant(null)) }) }),
  fc.constantFrom({}, { waiting: { reason: 'CrashLoopBackOff' } }),
  time.map((at) => ({ terminated: { exitCode: 137, startedAt: at, finishedAt: at } })),
);
const containerStatus = fc.record(
  {
    name: fc.constantFrom('app', 'proxy', 'debug'),
    state,
    lastState: state,
    ready: fc.boolean(),
    restartCount: fc.nat(),
    image: text,
    imageID: fc.oneof(text, fc.constant('')),
    volumeMounts: few(
      fc.record(
        {
          name: volumeName,
          mountPath,
          readOnly: fc.constant(true),
          recursiveReadOnly: fc.constantFrom('Enabled', 'Disabled'),
        },
        { requiredKeys: ['name', 'mountPath'] },
      ),
    ),
  },
  { requiredKeys: ['name', 'ready', 'restartCount', 'image', 'imageID'] },
);
const status = fc.record(
  {
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
    conditions: fc.constant([
      { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]),
    startTime: time,
    podIP: fc.constantFrom('', '10.0.1.2', 'fd00::2'),
    podIPs: few(fc.constantFrom({ ip: '10.0.1.2' }, { ip: 'fd00:0:1::2' }, { ip: '' }, {})),
    hostIP: fc.constantFrom('', '10.0.9.1', 'fd00::9'),
    hostIPs: few(fc.constantFrom({ ip: '10.0.9.1' }, { ip: 'fd00::9' }, { ip: '' }, {})),
    containerStatuses: few(containerStatus),
    initContainerStatuses: few(containerStatus),
    ephemeralContainerStatuses: few(containerStatus),
  },
  { requiredKeys: [] },
);

const owner = fc.record(
  {
    apiVersion: fc.constantFrom('apps/v1', 'batch/v1', 'v1'),
    kind: fc.constantFrom('ReplicaSet', 'Job', 'Node'),
    name,
    uid: name,
    controller: fc.boolean(),
  },
  { requiredKeys: ['apiVersion', 'kind', 'name', 'uid'] },
);
/** Empty, short, beyond ASCII, and longer than what is kept. */
const exemption = fc.constantFrom('', '{"check":"pod-too-old"}', 'ü€😀', 'x'.repeat(8193), '😀'.repeat(5000));
const metadata = fc.record(
  {
    name,
    namespace: name,
    uid: fc.uuid(),
    resourceVersion: fc.nat().map(String),
    creationTimestamp: fc.oneof(time, fc.constant(null)),
    deletionTimestamp: time,
    labels: textMap,
    annotations: fc.oneof(
      textMap,
      fc.constant({ 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' }),
      exemption.map((asked) => ({
        'eks-drift-auditor.dev/exempt': asked,
        'eks-drift-auditor.dev/exemp': '',
      })),
      fc.dictionary(
        fc.constantFrom(...Object.values(MESH_ANNOTATIONS), 'sidecar.istio.io/statuß'),
        exemption,
      ),
    ),
    ownerReferences: few(owner),
    finalizers: few(text),
    managedFields: fc.constant([
      {
        manager: 'kubelet',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:status': {} },
        subresource: 'status',
      },
    ]),
  },
  { requiredKeys: ['name', 'creationTimestamp'] },
);

/** Undefined fields go, as a server would not send them. */
const asSent = (object: unknown): JsonObject => JSON.parse(JSON.stringify(object)) as JsonObject;

export const anyPod: fc.Arbitrary<JsonObject> = fc
  .record({ metadata, spec, status }, { requiredKeys: ['metadata', 'spec'] })
  .map(asSent);

type Mutable = { [key: string]: Mutable } & Mutable[];

/** Changes that replicas of one template really have, and small ones that make them different after all. */
const CHANGES: readonly ((pod: Mutable, seed: number) => void)[] = [
  () => undefined,
  (pod, seed) => set(pod['spec'], 'nodeName', `node-${seed % 7}`),
  (pod) => set(pod['spec'], 'nodeName', undefined),
  (pod, seed) => set(pod['spec'], 'serviceAccountName', `account-${seed % 3}`),
  (pod, seed) => set(pod['spec'], 'serviceAccount', `account-${seed % 3}`),
  (pod) => set(pod['spec'], 'serviceAccountName', undefined),
  (pod, seed) => renameTokens(pod, seed),
  (pod, seed) => set(pod['metadata'], 'labels', { app: 'web', index: `${seed % 3}` }),
  (pod, seed) => set(pod['spec'], 'affinity', { podAntiAffinity: {}, nodeAffinity: { seed } }),
  (pod, seed) =>
    set(
      pod['spec'],
      'affinity',
      affinityTo({
        matchExpressions: [requirement('kubernetes.io/os', 'In', seed % 3 === 0 ? 'windows' : 'linux')],
        matchFields: [requirement('metadata.name', 'In', `node-${seed % 7}`)],
      }),
    ),
  (pod) => set(pod['spec'], 'affinity', undefined),
  (pod, seed) => set(pod['spec'], 'nodeSelector', { 'beta.kubernetes.io/os': seed % 2 ? 'windows' : 'x' }),
  (pod, seed) =>
    set(
      first(first(pod['spec']?.['containers'])?.['volumeMounts']),
      'recursiveReadOnly',
      ['Enabled', 'IfPossible', 'Disabled'][seed % 3],
    ),
  (pod, seed) =>
    set(pod, 'status', {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'app',
          imageID: 'sha256:1',
          volumeMounts: [
            { name: 'host', mountPath: '/host', recursiveReadOnly: seed % 2 ? 'Enabled' : 'Disabled' },
          ],
        },
      ],
    }),
  (pod, seed) => set(first(pod['spec']?.['containers']), 'image', `image:${seed % 10}`),
  (pod, seed) => set(first(pod['spec']?.['containers']), 'securityContext', { runAsUser: seed % 10 }),
  (pod, seed) =>
    set(first(first(pod['spec']?.['containers'])?.['volumeMounts']), 'mountPath', `/${seed % 10}`),
  (pod, seed) =>
    set(
      first(first(pod['spec']?.['containers'])?.['volumeMounts']),
      'name',
      `kube-api-access-0000${seed % 10}`,
    ),
  (pod, seed) => set(first(pod['spec']?.['volumes']), 'name', `kube-api-access-0000${seed % 10}`),
  (pod) => set(first(pod['spec']?.['volumes']), 'emptyDir', {}),
  (pod) => set(pod['spec'], 'hostNetwork', true),
  (pod) => set(pod['metadata'], 'annotations', { 'kubernetes.io/config.mirror': 'x' }),
  (pod, seed) => set(pod['metadata'], 'annotations', { 'eks-drift-auditor.dev/exempt': `${seed % 3}` }),
  (pod, seed) =>
    set(pod['metadata'], 'annotations', { 'vpc.amazonaws.com/pod-eni': `[{"eniId":"eni-0${seed % 3}"}]` }),
  (pod, seed) => set(pod['metadata'], 'annotations', { [MESH_ANNOTATIONS.excludePorts]: `${seed % 3}` }),
  (pod, seed) =>
    set(pod, 'status', {
      phase: 'Running',
      containerStatuses: [{ name: 'app', imageID: `sha256:${seed % 4}` }],
    }),
  (pod) => set(pod, 'status', undefined),
  (pod) => set(pod['spec'], 'ephemeralContainers', undefined),
  (pod) => set(pod['spec'], 'os', undefined),
  moveToInit,
];

/** Pods with one controller, most of them replicas of each other. */
export const anyReplicas: fc.Arbitrary<readonly JsonObject[]> = fc
  .tuple(
    anyPod,
    fc.array(fc.tuple(fc.nat(), fc.array(fc.tuple(fc.nat(CHANGES.length - 1), fc.nat()), { maxLength: 3 })), {
      minLength: 2,
      maxLength: 12,
    }),
  )
  .map(([template, replicas]) => {
    const owned = structuredClone(template) as unknown as Mutable;
    const reference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u', controller: true };
    set(owned['metadata'], 'ownerReferences', [reference]);
    return replicas.map(([seed, changes]) => {
      const pod = structuredClone(owned);
      set(pod['metadata'], 'name', `db-${seed}`);
      for (const [change, with_] of changes) CHANGES[change]?.(pod, with_);
      return asSent(pod);
    });
  });

function set(object: Mutable | undefined, key: string, value: unknown): void {
  if (object !== undefined) (object as Record<string, unknown>)[key] = value;
}

function first(list: Mutable | undefined): Mutable | undefined {
  return list?.[0];
}

function renameTokens(pod: Mutable, seed: number): void {
  const suffix = String(seed % 100_000).padStart(5, '0');
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap(
    (key) => pod['spec']?.[key] ?? [],
  );
  for (const named of [
    ...(pod['spec']?.['volumes'] ?? []),
    ...containers.flatMap((found) => found['volumeMounts'] ?? []),
  ]) {
    if (String(named['name']).startsWith('kube-api-access-')) set(named, 'name', `kube-api-access-${suffix}`);
  }
}

/** The same bytes, as another type of container. */
function moveToInit(pod: Mutable): void {
  const { containers, initContainers } = pod['spec'] as Mutable;
  if (containers === undefined || containers.length < 2) return;
  set(pod['spec'], 'initContainers', [...(initContainers ?? []), containers.pop()]);
}
