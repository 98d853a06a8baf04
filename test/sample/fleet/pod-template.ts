import type { ClusterContext, Placement } from './cluster.ts';
import { type ContainerDescription, containerObject } from './containers.ts';
import { type Json, type Labels, present, suffixOf } from './kubernetes.ts';

/** A pod template as a manifest's author would describe it. */
export interface TemplateDescription {
  readonly containers: readonly ContainerDescription[];
  readonly init?: readonly ContainerDescription[];
  readonly volumes?: readonly Json[];
  /** The pod's `securityContext`. */
  readonly security?: Json;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** Node pool; default `general`. `every` tolerates all taints, as DaemonSets do. */
  readonly pool?: string;
  /** IAM role for the service account (IRSA). */
  readonly role?: string;
  readonly hostNetwork?: boolean;
  /** A static pod: the kubelet runs it from a file, so no admission gives it a service account. */
  readonly isStatic?: boolean;
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
}

/** The PodSpec of a template with the API server's defaults. */
export function templateSpec(template: TemplateDescription, workload: string): Json {
  const { init, containers, security, hostNetwork } = template;
  const serviceAccount = template.role === undefined ? undefined : workload;
  return present({
    containers: containers.map((container) => containerObject(container, workload)),
    dnsPolicy: hostNetwork ? 'ClusterFirstWithHostNet' : 'ClusterFirst',
    enableServiceLinks: true,
    hostNetwork,
    initContainers: init?.map((container) => containerObject(container, workload)),
    ...placementOf(template.pool ?? 'general'),
    restartPolicy: template.restartPolicy ?? 'Always',
    schedulerName: 'default-scheduler',
    securityContext: security ?? {},
    serviceAccount,
    serviceAccountName: serviceAccount,
    terminationGracePeriodSeconds: 30,
    volumes: template.volumes,
  });
}

function placementOf(pool: string): Json {
  if (pool === 'windows') {
    return { nodeSelector: { 'kubernetes.io/os': 'windows' }, os: { name: 'windows' } };
  }
  if (pool === 'every') return { tolerations: [{ operator: 'Exists' }] };
  if (pool === 'general' || pool === 'fargate') return {};
  return {
    nodeSelector: { pool },
    tolerations: [{ effect: 'NoSchedule', key: 'dedicated', operator: 'Equal', value: pool }],
  };
}

/** What admission and the scheduler make of a template's spec: tokens, tolerations, the node. */
export function admittedSpec(
  cluster: ClusterContext,
  template: TemplateDescription,
  pod: { readonly key: string; readonly workload: string; readonly placement: Placement },
): Json {
  const spec = templateSpec(template, pod.workload);
  const nodeName = pod.placement.node.name;
  if (template.isStatic)
    return { ...spec, nodeName, tolerations: [{ effect: 'NoExecute', operator: 'Exists' }] };
  const token = `kube-api-access-${suffixOf(`token/${pod.key}`, 5)}`;
  const inject = (container: Json): Json => withIdentity(cluster, template, withToken(container, token));
  const { initContainers, tolerations, volumes } = spec;
  const fargate = pod.placement.node.pool.type === 'fargate';
  return present({
    ...spec,
    containers: objects(spec['containers']).map(inject),
    initContainers: initContainers === undefined ? undefined : objects(initContainers).map(inject),
    nodeName,
    preemptionPolicy: 'PreemptLowerPriority',
    priority: fargate ? 2_000_001_000 : 0,
    priorityClassName: fargate ? 'system-node-critical' : undefined,
    schedulerName: fargate ? 'fargate-scheduler' : spec['schedulerName'],
    serviceAccount: spec['serviceAccount'] ?? 'default',
    serviceAccountName: spec['serviceAccountName'] ?? 'default',
    tolerations: [...objects(tolerations), notReady('not-ready'), notReady('unreachable')],
    volumes: [...(template.role ? [roleTokenVolume] : []), ...objects(volumes), tokenVolume(token)],
  });
}

const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value : []);

const notReady = (reason: string): Json => ({
  effect: 'NoExecute',
  key: `node.kubernetes.io/${reason}`,
  operator: 'Exists',
  tolerationSeconds: 300,
});

const withMount = (container: Json, path: string, volume: string): Json => ({
  ...container,
  volumeMounts: [...objects(container['volumeMounts']), { mountPath: path, name: volume, readOnly: true }],
});

const withToken = (container: Json, volume: string): Json =>
  withMount(container, '/var/run/secrets/kubernetes.io/serviceaccount', volume);

/** What EKS's pod identity webhook injects for a service account with a role. */
function withIdentity(cluster: ClusterContext, template: TemplateDescription, container: Json): Json {
  if (template.role === undefined) return container;
  const env = {
    AWS_STS_REGIONAL_ENDPOINTS: 'regional',
    AWS_DEFAULT_REGION: cluster.region,
    AWS_REGION: cluster.region,
    AWS_ROLE_ARN: `arn:aws:iam::${cluster.accountId}:role/${template.role}`,
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
  };
  const injected = {
    ...container,
    env: [...objects(container['env']), ...Object.entries(env).map(([name, value]) => ({ name, value }))],
  };
  return withMount(injected, '/var/run/secrets/eks.amazonaws.com/serviceaccount', 'aws-iam-token');
}

const roleTokenVolume: Json = {
  name: 'aws-iam-token',
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86400, path: 'token' } },
    ],
  },
};

const tokenVolume = (name: string): Json => ({
  name,
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
      {
        downwardAPI: {
          items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
        },
      },
    ],
  },
});
