import type { Build, ClusterContext } from './cluster.ts';
import type { ContainerDescription } from './containers.ts';
import {
  apiObject,
  controllerReference,
  createdBefore,
  labelled,
  parseRef,
  type Ref,
  readyCount,
  serviceFor,
  templateObject,
  type WorkloadDescription,
} from './controllers.ts';
import { days, type Json, type KubeObject, minutes, present, suffixOf } from './kubernetes.ts';
import type { PodLife } from './pod-life.ts';
import { podObject } from './pods.ts';

/** A revision that is being replaced: its pods, and its containers where they differ. */
export interface PreviousRevision {
  readonly pods: readonly PodLife[];
  readonly containers?: readonly ContainerDescription[];
}

interface RevisionedDescription extends WorkloadDescription {
  readonly previous?: PreviousRevision;
}

/** A Deployment with its ReplicaSets, pods and Service. */
export function deployment(ref: string, description: RevisionedDescription): Build {
  return (cluster) => revisioned(cluster, parseRef(ref), { ...DEPLOYMENT, ...description });
}

/** An Argo Rollout: ReplicaSets like a Deployment's, but another owner and another hash label. */
export function rollout(ref: string, description: RevisionedDescription): Build {
  return (cluster) => revisioned(cluster, parseRef(ref), { ...ROLLOUT, ...description });
}

interface RevisionedKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly hashLabel: string;
  readonly revisionAnnotation: string;
  readonly strategy: Json;
}

const DEPLOYMENT: RevisionedKind = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  hashLabel: 'pod-template-hash',
  revisionAnnotation: 'deployment.kubernetes.io/revision',
  strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' },
};

/** Source: `DefaultRolloutUniqueLabelKey` in argo-rollouts, pkg/apis/rollouts/v1alpha1/types.go */
const ROLLOUT: RevisionedKind = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  hashLabel: 'rollouts-pod-template-hash',
  revisionAnnotation: 'rollout.argoproj.io/revision',
  strategy: { canary: { steps: [{ setWeight: 20 }, { pause: { duration: '30m' } }, { setWeight: 60 }] } },
};

function revisioned(
  cluster: ClusterContext,
  ref: Ref,
  plain: RevisionedKind & RevisionedDescription,
): readonly KubeObject[] {
  const { apiVersion, kind, previous, ...current } = labelled(plain, ref.name);
  const allPods = [...current.pods, ...(previous?.pods ?? [])];
  const owner = apiObject(cluster, {
    apiVersion,
    kind,
    ...ref,
    createdAt: createdBefore(cluster, allPods),
    ...(current.labels ? { labels: current.labels } : {}),
    annotations: { [current.revisionAnnotation]: '3', ...current.notes },
    spec: {
      progressDeadlineSeconds: 600,
      replicas: allPods.length,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: ref.name } },
      strategy: current.strategy,
      template: templateObject(current, ref.name),
    },
    status: {
      availableReplicas: readyCount(allPods),
      observedGeneration: 3,
      readyReplicas: readyCount(allPods),
      replicas: allPods.length,
      updatedReplicas: current.pods.length,
    },
  });
  const of = (revision: number, template: WorkloadDescription): readonly KubeObject[] =>
    ownedReplicaSet(cluster, ref, { ...template, owner, hashLabel: current.hashLabel, revision });
  return [
    owner,
    ...of(3, current),
    ...of(2, { ...current, pods: [], ...previous }),
    ...of(1, { ...current, pods: [] }),
    ...serviceFor(cluster, ref, current),
  ];
}

function ownedReplicaSet(
  cluster: ClusterContext,
  ref: Ref,
  set: WorkloadDescription & {
    readonly owner: KubeObject;
    readonly hashLabel: string;
    readonly revision: number;
  },
): readonly KubeObject[] {
  const seed = `${cluster.name}/${ref.namespace}/${ref.name}/${set.revision}`;
  const hash = suffixOf(seed, set.revision === 3 ? 10 : 9);
  return replicaSetWithPods(cluster, `${ref.namespace}/${ref.name}-${hash}`, {
    ...set,
    workload: ref.name,
    labels: { ...set.labels, [set.hashLabel]: hash },
  });
}

/** A ReplicaSet that nobody's Deployment owns. */
export function bareReplicaSet(ref: string, description: WorkloadDescription): Build {
  return (cluster) => {
    const { name } = parseRef(ref);
    return replicaSetWithPods(cluster, ref, { ...labelled(description, name), workload: name });
  };
}

function replicaSetWithPods(
  cluster: ClusterContext,
  ref: string,
  set: WorkloadDescription & { readonly owner?: KubeObject; readonly workload: string },
): readonly KubeObject[] {
  const { namespace, name } = parseRef(ref);
  const { labels = {}, pods, owner, workload } = set;
  const object = apiObject(cluster, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    namespace,
    name,
    createdAt: createdBefore(cluster, pods, pods.length === 0 ? days(50) : minutes(1)),
    labels,
    ...(owner ? { owner: controllerReference(owner) } : {}),
    spec: {
      replicas: pods.length,
      selector: { matchLabels: labels },
      template: templateObject(set, workload),
    },
    status: present({
      availableReplicas: readyCount(pods) || undefined,
      observedGeneration: 1,
      readyReplicas: readyCount(pods) || undefined,
      replicas: pods.length,
    }),
  });
  return [object, ...generatedPods(cluster, object, { ...set, namespace })];
}

/** Pods with random names after their controller's, placed on the template's node pool. */
export function generatedPods(
  cluster: ClusterContext,
  owner: KubeObject,
  set: WorkloadDescription & { readonly workload: string; readonly namespace: string },
): readonly KubeObject[] {
  const generateName = `${owner.metadata.name}-`;
  return set.pods.map((life, index) =>
    podObject(cluster, {
      namespace: set.namespace,
      name: generateName + suffixOf(`${cluster.name}/${set.namespace}/${generateName}${index}`, 5),
      generateName,
      workload: set.workload,
      template: set,
      life,
      placement: cluster.place(set.pool ?? 'general'),
      owner: controllerReference(owner),
    }),
  );
}
