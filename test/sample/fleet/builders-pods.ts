import { generatedPods } from './builders.ts';
import { numberedPods } from './builders-sets.ts';
import type { Build } from './cluster.ts';
import {
  apiObject,
  controllerReference,
  createdBefore,
  labelled,
  parseRef,
  readyCount,
  type WorkloadDescription,
} from './controllers.ts';
import { hex, instant, type Labels, suffixOf } from './kubernetes.ts';
import { nodeUid } from './nodes.ts';
import type { PodLife } from './pod-life.ts';
import type { TemplateDescription } from './pod-template.ts';
import { podObject } from './pods.ts';

interface BareDescription extends TemplateDescription {
  readonly life: PodLife;
  /** Labels that `kubectl run` gives: `run=<name>`. */
  readonly labels?: Labels;
}

/** A pod without a controller, as `kubectl run` makes it. */
export function barePod(ref: string, description: BareDescription): Build {
  return (cluster) => {
    const { namespace, name } = parseRef(ref);
    return [
      podObject(cluster, {
        namespace,
        name,
        workload: name,
        template: { ...description, labels: { run: name, ...description.labels } },
        life: description.life,
        placement: cluster.place(description.pool ?? 'general'),
        createdBy: 'kubectl-run',
      }),
    ];
  };
}

/** The mirrors of a static pod, one for each node whose kubelet has its manifest. */
export function staticPod(ref: string, description: TemplateDescription & { readonly age: number }): Build {
  return (cluster) => {
    const { namespace, name } = parseRef(ref);
    const template = labelled({ hostNetwork: true, isStatic: true, ...description }, name);
    return cluster.nodes
      .filter((node) => node.pool.name === description.pool)
      .map((node) => {
        const hash = hex(`${cluster.name}/${ref}/static`, 32);
        return podObject(cluster, {
          namespace,
          name: `${name}-${node.name}`,
          workload: name,
          template,
          life: { age: description.age },
          placement: cluster.placeOn(node),
          // A mirror's owner does not block its node's deletion.
          owner: {
            apiVersion: 'v1',
            controller: true,
            kind: 'Node',
            name: node.name,
            uid: nodeUid(cluster, node),
          },
          annotations: {
            'kubernetes.io/config.hash': hash,
            'kubernetes.io/config.mirror': hash,
            'kubernetes.io/config.seen': instant(cluster.now - description.age),
            'kubernetes.io/config.source': 'file',
          },
          createdBy: 'kubelet',
        });
      });
  };
}

interface CustomDescription extends WorkloadDescription {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Pods that an operator's custom resource owns without any controller of Kubernetes between. */
export function customController(ref: string, plain: CustomDescription): Build {
  return (cluster) => {
    const { namespace, name } = parseRef(ref);
    const description = labelled(plain, name);
    const { apiVersion, kind, pods } = description;
    const object = apiObject(cluster, {
      apiVersion,
      kind,
      namespace,
      name,
      createdAt: createdBefore(cluster, pods),
      spec: { selector: { matchLabels: { app: name } } },
      status: { currentPods: pods.length, pods: pods.length, readyPods: readyCount(pods) },
    });
    return [object, ...numberedPods(cluster, object, { template: description, pods })];
  };
}

/** A Spark job: the operator's resource owns the driver pod, and the driver pod owns its executors. */
export function sparkApplication(ref: string, plain: WorkloadDescription): Build {
  return (cluster) => {
    const { namespace, name } = parseRef(ref);
    const { pods, ...template } = labelled(plain, name);
    const application = apiObject(cluster, {
      apiVersion: 'sparkoperator.k8s.io/v1beta2',
      kind: 'SparkApplication',
      namespace,
      name,
      createdAt: createdBefore(cluster, pods, 0),
      spec: { mode: 'cluster', sparkVersion: '3.5.6', type: 'Python' },
    });
    const [driverLife, ...executorLives] = pods;
    if (driverLife === undefined) return [application];
    const once: TemplateDescription = { restartPolicy: 'Never', ...template };
    const driver = podObject(cluster, {
      namespace,
      name: `${name}-driver`,
      workload: name,
      template: once,
      life: driverLife,
      placement: cluster.place(template.pool ?? 'general'),
      owner: controllerReference(application),
      labels: { 'spark-role': 'driver', 'spark-app-selector': `spark-${suffixOf(ref, 10)}` },
    });
    const labels = { ...template.labels, 'spark-role': 'executor' };
    const executors = { ...once, labels, pods: executorLives, workload: name, namespace };
    return [application, driver, ...generatedPods(cluster, driver, executors)];
  };
}
