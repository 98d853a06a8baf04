/**
 * Whether a workload none of whose pods lives makes more.
 * `unless done`: while its last pod has not succeeded (a Job tries again). `unread`: that is for its own owner
 * to say, which was not read. `unknown`: its kind is not known here.
 */
export type Renewal = 'always' | 'unless done' | 'never' | 'unread' | 'unknown';

/**
 * By kind of the workload. Those of Kubernetes:
 * https://kubernetes.io/docs/concepts/workloads/controllers/ ("a Job … will continue to retry execution of the Pods
 * until a specified number of them successfully terminate"; all others keep their pods running).
 */
const RENEWALS: ReadonlyMap<string, Renewal> = new Map<string, Renewal>([
  ['Deployment', 'always'],
  ['ReplicaSet', 'always'],
  ['StatefulSet', 'always'],
  ['DaemonSet', 'always'],
  ['ReplicationController', 'always'],
  ['CronJob', 'always'],
  ['Job', 'unless done'],
]);

export const renewalOf = (kind: string): Renewal => RENEWALS.get(kind) ?? 'unknown';
