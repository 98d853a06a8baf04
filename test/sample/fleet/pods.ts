import type { ClusterContext, Placement } from './cluster.ts';
import type { ContainerDescription } from './containers.ts';
import {
  instant,
  type Json,
  type KubeObject,
  type Labels,
  numberFrom,
  present,
  seconds,
  suffixOf,
  uidOf,
} from './kubernetes.ts';
import { type Manager, managedBy } from './managed-fields.ts';
import { type PodLife, timesOf } from './pod-life.ts';
import { podStatus } from './pod-status.ts';
import { admittedSpec, type TemplateDescription, templateSpec } from './pod-template.ts';

export interface PodDescription {
  readonly namespace: string;
  readonly name: string;
  /** The prefix that its controller gave it. */
  readonly generateName?: string;
  /** The workload's name: service account, telemetry. */
  readonly workload: string;
  readonly template: TemplateDescription;
  readonly life: PodLife;
  readonly placement: Placement;
  readonly owner?: Json;
  /** Labels and annotations besides the template's. */
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** Who created it; default the controller manager. */
  readonly createdBy?: string;
}

/** A Pod as `kubectl get pod -o json --show-managed-fields` prints it. */
export function podObject(cluster: ClusterContext, pod: PodDescription): KubeObject {
  const { namespace, name, template, life, placement, workload } = pod;
  const key = `${cluster.name}/${namespace}/${name}`;
  const attached = debuggerOf(pod, key);
  const status = podStatus({ key, name, template, life, placement, ...attached }, cluster.now);
  const spec = admittedSpec(cluster, template, { key, workload, placement });
  const fromController = present({
    annotations: nonEmpty({ ...template.annotations, ...fargateAnnotations(placement), ...pod.annotations }),
    generateName: pod.generateName,
    labels: nonEmpty({ ...template.labels, ...fargateLabels(placement, namespace), ...pod.labels }),
    ownerReferences: pod.owner === undefined ? undefined : [pod.owner],
  });
  const created = timesOf(life, cluster.now).created;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...fromController,
      creationTimestamp: instant(created),
      ...deletion(life, cluster.now),
      managedFields: managers({ pod, fromController, status, now: cluster.now, ...attached }).map(managedBy),
      name,
      namespace,
      resourceVersion: String(80_000_000 + numberFrom(key, 9_000_000)),
      uid: uidOf(`${key}/Pod`),
    },
    spec: attached.debugger
      ? { ...spec, ephemeralContainers: [ephemeralContainer(attached.debugger, pod)] }
      : spec,
    status,
  };
}

/** The fields are those before admission, which is when the API server notes them. */
function managers(of: {
  readonly pod: PodDescription;
  readonly fromController: Json;
  readonly status: Json;
  readonly now: number;
  readonly debugger?: ContainerDescription;
}): readonly Manager[] {
  const { pod, fromController, status, now } = of;
  const times = timesOf(pod.life, now);
  const created = {
    manager: pod.createdBy ?? 'kube-controller-manager',
    apiVersion: 'v1',
    at: times.created,
    fields: { metadata: fromController, spec: templateSpec(pod.template, pod.workload) },
  };
  const kubelet = {
    manager: 'kubelet',
    apiVersion: 'v1',
    at: Math.min(times.ready, now),
    fields: { status },
    subresource: 'status',
  };
  if (of.debugger === undefined || pod.life.debugged === undefined) return [created, kubelet];
  const debugged = {
    manager: 'kubectl-debug',
    apiVersion: 'v1',
    at: now - pod.life.debugged.ago,
    fields: { spec: { ephemeralContainers: [ephemeralContainer(of.debugger, pod)] } },
    subresource: 'ephemeralcontainers',
  };
  return [created, debugged, kubelet];
}

function debuggerOf(pod: PodDescription, key: string): { readonly debugger?: ContainerDescription } {
  if (pod.life.debugged === undefined) return {};
  const name = `debugger-${suffixOf(`debugger/${key}`, 5)}`;
  return { debugger: { name, image: pod.life.debugged.image } };
}

/** As `kubectl debug -it POD --image=… --target=…` adds it: without any security context. */
const ephemeralContainer = (container: ContainerDescription, pod: PodDescription): Json => ({
  image: container.image,
  imagePullPolicy: 'IfNotPresent',
  name: container.name,
  resources: {},
  stdin: true,
  targetContainerName: pod.template.containers[0]?.name,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  tty: true,
});

/** A graceful deletion names the instant at which the grace period will be over. */
function deletion(life: PodLife, now: number): Json {
  if (life.state !== 'terminating') return {};
  return { deletionGracePeriodSeconds: 30, deletionTimestamp: instant(now + seconds(18)) };
}

const nonEmpty = (labels: Labels): Labels | undefined =>
  Object.keys(labels).length === 0 ? undefined : labels;

const isFargate = (placement: Placement): boolean => placement.node.pool.type === 'fargate';

const fargateLabels = (placement: Placement, namespace: string): Labels =>
  isFargate(placement) ? { 'eks.amazonaws.com/fargate-profile': namespace } : {};

const fargateAnnotations = (placement: Placement): Labels =>
  isFargate(placement)
    ? {
        CapacityProvisioned: '0.25vCPU 0.5GB',
        Logging: 'LoggingDisabled: LOGGING_CONFIGMAP_NOT_FOUND',
      }
    : {};
