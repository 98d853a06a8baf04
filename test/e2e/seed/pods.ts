import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../environment/api-client.ts';
import type { Seeded } from './seeded.ts';

/** A container's spec, as in a manifest. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly [field: string]: unknown;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly [field: string]: unknown;
}

/** A pod and what its kubelet reports about it. Every instant is an age in hours before now. */
export interface PodPlan {
  readonly namespace: string;
  readonly name: string;
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  readonly ageHours: number;
  /** Containers started later than the pod, after a restart. */
  readonly restarted?: Readonly<Record<string, number>>;
  /** What the node says it runs, by container. @default a digest that is made from the image */
  readonly imageIds?: Readonly<Record<string, string>>;
  readonly phase?: 'Running' | 'Succeeded' | 'Failed' | 'Pending';
  readonly debugContainer?: Container;
  readonly terminating?: boolean;
  readonly ownerReferences?: readonly object[];
}

const HARDENED = {
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 10_001,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** A container that leaves every security setting at its default. */
export function careless(name: string, image: string, more: object = {}): Container {
  return { name, image, ...more };
}

/** A container that can neither write to its root filesystem nor run as root. */
export function hardened(name: string, image: string, more: object = {}): Container {
  return { name, image, securityContext: HARDENED, ...more };
}

export function pod(plan: PodPlan, now: Date): Seeded {
  const object: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: plan.name,
      namespace: plan.namespace,
      ...(plan.labels && { labels: plan.labels }),
      ...(plan.annotations && { annotations: plan.annotations }),
      ...(plan.ownerReferences && { ownerReferences: plan.ownerReferences }),
      // Nobody removes it, so the pod stays terminating.
      ...(plan.terminating && { finalizers: ['example.com/held'] }),
    },
    spec: {
      serviceAccountName: 'default',
      ...(plan.node !== undefined && { nodeName: plan.node }),
      ...plan.spec,
    },
  };
  return {
    object,
    status: statusOf(plan, now),
    terminating: plan.terminating ?? false,
    ...(plan.debugContainer && {
      subresources: { ephemeralcontainers: { spec: { ephemeralContainers: [plan.debugContainer] } } },
    }),
  };
}

function statusOf(plan: PodPlan, now: Date): object {
  const phase = plan.phase ?? 'Running';
  if (phase === 'Pending') {
    return { phase, conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] };
  }
  const { containers, initContainers = [] } = plan.spec;
  const podIP = addressOf(plan);
  return {
    phase,
    startTime: hoursBefore(now, plan.ageHours),
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }],
    containerStatuses: containers.map((container) => containerStatus(container, plan, now)),
    initContainerStatuses: initContainers.map((container) =>
      containerStatus(
        container,
        container.restartPolicy === 'Always' ? plan : { ...plan, phase: 'Succeeded' },
        now,
      ),
    ),
    ...(plan.debugContainer && {
      ephemeralContainerStatuses: [containerStatus(plan.debugContainer, { ...plan, ageHours: 3 }, now)],
    }),
  };
}

function containerStatus(container: Container, plan: PodPlan, now: Date): object {
  const restartedHoursAgo = plan.restarted?.[container.name];
  const startedAt = hoursBefore(now, restartedHoursAgo ?? plan.ageHours);
  const running = (plan.phase ?? 'Running') === 'Running';
  const exitCode = plan.phase === 'Failed' ? 1 : 0;
  const containerID = `containerd://${digest(`${plan.namespace}/${plan.name}/${container.name}`)}`;
  return {
    name: container.name,
    image: container.image,
    imageID: plan.imageIds?.[container.name] ?? imageIdOf(container.image),
    containerID,
    ready: running,
    started: running,
    restartCount: restartedHoursAgo === undefined ? 0 : 1,
    state: running
      ? { running: { startedAt } }
      : { terminated: { exitCode, startedAt, finishedAt: startedAt, containerID } },
  };
}

/** An address of the nodes' subnets, as the VPC CNI gives them to pods. */
function addressOf({ namespace, name }: PodPlan): string {
  const [third, fourth] = Buffer.from(digest(`${namespace}/${name}`), 'hex');
  return `10.0.${third}.${fourth}`;
}

/** Repository and digest, as containerd reports what runs. */
function imageIdOf(image: string): string {
  const pinned = image.indexOf('@');
  if (pinned >= 0) {
    return image;
  }
  const tag = image.lastIndexOf(':');
  const repository = tag > image.lastIndexOf('/') ? image.slice(0, tag) : image;
  return `${repository}@sha256:${digest(image)}`;
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hoursBefore(now: Date, hours: number): string {
  return new Date(now.getTime() - hours * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
}
