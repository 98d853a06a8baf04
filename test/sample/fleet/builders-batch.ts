import { generatedPods } from './builders.ts';
import type { Build, ClusterContext } from './cluster.ts';
import {
  apiObject,
  controllerReference,
  labelled,
  parseRef,
  type Ref,
  templateObject,
  type WorkloadDescription,
} from './controllers.ts';
import { days, instant, type Json, type KubeObject, minutes, present, uidOf } from './kubernetes.ts';
import { isFinished, type PodLife } from './pod-life.ts';
import type { TemplateDescription } from './pod-template.ts';

interface CronDescription extends TemplateDescription {
  /** Cron syntax, UTC. */
  readonly schedule: string;
  /** One Job each: the pods that the run has or had. */
  readonly runs: readonly (readonly PodLife[])[];
}

/** A CronJob with the Jobs of its last runs and their pods. */
export function cronJob(ref: string, plain: CronDescription): Build {
  return (cluster) => {
    const { namespace, name } = parseRef(ref);
    const description = { restartPolicy: 'OnFailure', ...labelled(plain, name) } as const;
    const object = apiObject(cluster, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      namespace,
      name,
      createdAt: cluster.now - days(300),
      labels: description.labels ?? {},
      spec: {
        concurrencyPolicy: 'Forbid',
        failedJobsHistoryLimit: 3,
        jobTemplate: { metadata: {}, spec: { template: templateObject(description, name) } },
        schedule: description.schedule,
        successfulJobsHistoryLimit: 3,
        suspend: false,
      },
    });
    const jobs = description.runs.flatMap((pods) => {
      // The controller names a Job by its scheduled time in minutes since the epoch.
      const scheduled = cluster.now - Math.max(...pods.map((pod) => pod.age));
      const jobName = `${name}-${Math.floor(scheduled / minutes(1))}`;
      return jobWithPods(
        cluster,
        { namespace, name: jobName },
        { ...description, pods, owner: object, name },
      );
    });
    return [object, ...jobs];
  };
}

/** A Job that no CronJob started. */
export function job(ref: string, plain: WorkloadDescription): Build {
  return (cluster) => {
    const parsed = parseRef(ref);
    const description = { restartPolicy: 'Never', ...labelled(plain, parsed.name) } as const;
    return jobWithPods(cluster, parsed, { ...description, name: parsed.name });
  };
}

function jobWithPods(
  cluster: ClusterContext,
  ref: Ref,
  run: WorkloadDescription & { readonly owner?: KubeObject; readonly name: string },
): readonly KubeObject[] {
  const createdAt = cluster.now - Math.max(0, ...run.pods.map((pod) => pod.age));
  const uid = uidOf(`${cluster.name}/batch/v1/Job/${ref.namespace}/${ref.name}`);
  const labels = {
    ...run.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': ref.name,
    'controller-uid': uid,
    'job-name': ref.name,
  };
  const template = { ...run, labels };
  const object = apiObject(cluster, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    ...ref,
    createdAt,
    labels,
    ...(run.owner ? { owner: controllerReference(run.owner) } : {}),
    spec: {
      backoffLimit: 3,
      completionMode: 'NonIndexed',
      completions: 1,
      parallelism: 1,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: templateObject(template, run.name),
    },
    status: jobStatus(run.pods, createdAt),
  });
  return [
    object,
    ...generatedPods(cluster, object, { ...template, workload: run.name, namespace: ref.namespace }),
  ];
}

function jobStatus(pods: readonly PodLife[], createdAt: number): Json {
  const count = (wanted: (pod: PodLife) => boolean): number | undefined =>
    pods.filter(wanted).length || undefined;
  const succeeded = count((pod) => pod.state === 'completed');
  return present({
    active: count((pod) => !isFinished(pod.state ?? 'running')),
    completionTime: succeeded ? instant(createdAt + minutes(4)) : undefined,
    failed: count((pod) => pod.state === 'failed' || pod.state === 'evicted'),
    startTime: instant(createdAt),
    succeeded,
  });
}
