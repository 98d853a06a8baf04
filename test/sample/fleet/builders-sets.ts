import type { Build, ClusterContext } from './cluster.ts';
import {
  apiObject,
  controllerReference,
  createdBefore,
  labelled,
  parseRef,
  readyCount,
  serviceFor,
  templateObject,
  type WorkloadDescription,
} from './controllers.ts';
import { days, type Json, type KubeObject, type Labels, minutes, suffixOf } from './kubernetes.ts';
import type { PodLife } from './pod-life.ts';
import type { TemplateDescription } from './pod-template.ts';
import { podObject } from './pods.ts';

interface StatefulDescription extends WorkloadDescription {
  /** Volume claim templates; pod 0 of `db` gets the claim `data-db-0`. */
  readonly claims?: readonly string[];
}

/** A StatefulSet with its pods and Service. */
export function statefulSet(ref: string, plain: StatefulDescription): Build {
  return (cluster) => {
    const { namespace, name } = parseRef(ref);
    const description = labelled(plain, name);
    const { pods, claims = [] } = description;
    const object = apiObject(cluster, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      namespace,
      name,
      createdAt: createdBefore(cluster, pods),
      labels: description.labels ?? {},
      spec: {
        podManagementPolicy: 'OrderedReady',
        replicas: pods.length,
        selector: { matchLabels: { app: name } },
        serviceName: name,
        template: templateObject(description, name),
        updateStrategy: { rollingUpdate: { partition: 0 }, type: 'RollingUpdate' },
        volumeClaimTemplates: claims.map(claimTemplate),
      },
      status: { currentReplicas: pods.length, readyReplicas: readyCount(pods), replicas: pods.length },
    });
    const ordinals = numberedPods(cluster, object, {
      template: description,
      pods,
      claims,
      labels: { 'controller-revision-hash': `${name}-${suffixOf(`${cluster.name}/${ref}/revision`, 10)}` },
    });
    return [object, ...ordinals, ...serviceFor(cluster, { namespace, name }, description)];
  };
}

const claimTemplate = (name: string): Json => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '100Gi' } },
    volumeMode: 'Filesystem',
  },
});

/** Pods named by ordinal, each with its own claims. */
export function numberedPods(
  cluster: ClusterContext,
  owner: KubeObject,
  set: {
    readonly template: TemplateDescription;
    readonly pods: readonly PodLife[];
    readonly claims?: readonly string[];
    readonly labels?: Labels;
  },
): readonly KubeObject[] {
  const { name: workload, namespace = '' } = owner.metadata;
  return set.pods.map((life, index) => {
    const name = `${workload}-${index}`;
    const claimed = (set.claims ?? []).map((claim) => ({
      name: claim,
      persistentVolumeClaim: { claimName: `${claim}-${name}` },
    }));
    const template = { ...set.template, volumes: [...claimed, ...(set.template.volumes ?? [])] };
    return podObject(cluster, {
      namespace,
      name,
      generateName: `${workload}-`,
      workload,
      template,
      life,
      placement: cluster.place(template.pool ?? 'general'),
      owner: controllerReference(owner),
      labels: {
        'apps.kubernetes.io/pod-index': String(index),
        'statefulset.kubernetes.io/pod-name': name,
        ...set.labels,
      },
    });
  });
}

interface DaemonDescription extends TemplateDescription {
  /** Node pools that it runs on. */
  readonly on: readonly string[];
  /** Since its last update; pods on younger nodes are younger. */
  readonly age: number;
}

/** A DaemonSet with one pod on each node of its pools. */
export function daemonSet(ref: string, plain: DaemonDescription): Build {
  return (cluster) => {
    const { namespace, name } = parseRef(ref);
    const description = labelled({ pool: 'every', ...plain }, name);
    const nodes = cluster.nodes.filter((node) => description.on.includes(node.pool.name));
    const object = apiObject(cluster, {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      namespace,
      name,
      createdAt: cluster.now - days(300),
      labels: description.labels ?? {},
      annotations: { 'deprecated.daemonset.template.generation': '4' },
      spec: {
        revisionHistoryLimit: 10,
        selector: { matchLabels: { app: name } },
        template: templateObject(description, name),
        updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '10%' }, type: 'RollingUpdate' },
      },
      status: {
        currentNumberScheduled: nodes.length,
        desiredNumberScheduled: nodes.length,
        numberReady: nodes.length,
      },
    });
    const revision = suffixOf(`${cluster.name}/${ref}/revision`, 10);
    const pods = nodes.map((node) =>
      podObject(cluster, {
        namespace,
        name: `${name}-${suffixOf(`${cluster.name}/${ref}/${node.name}`, 5)}`,
        generateName: `${name}-`,
        workload: name,
        template: description,
        life: { age: Math.min(description.age, node.pool.age - minutes(2)) },
        placement: cluster.placeOn(node),
        owner: controllerReference(object),
        labels: { 'controller-revision-hash': revision, 'pod-template-generation': '4' },
      }),
    );
    return [object, ...pods];
  };
}
