import type { ClusterContext } from './cluster.ts';
import {
  days,
  instant,
  type Json,
  type KubeObject,
  type Labels,
  numberFrom,
  present,
  uidOf,
} from './kubernetes.ts';
import { managedBy } from './managed-fields.ts';
import { isReady, type PodLife } from './pod-life.ts';
import { type TemplateDescription, templateSpec } from './pod-template.ts';

/** A workload as the fleet's tables describe it. */
export interface WorkloadDescription extends TemplateDescription {
  readonly pods: readonly PodLife[];
  /** On the controller itself, not on its pods. */
  readonly notes?: Labels;
}

export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

/** Splits `namespace/name`. */
export function parseRef(text: string): Ref {
  const [namespace = '', name = ''] = text.split('/');
  return { namespace, name };
}

export interface ObjectDescription extends Partial<Ref> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly owner?: Json;
  readonly spec?: Json;
  readonly status?: Json;
  /** Who applied it; default the delivery pipeline. */
  readonly manager?: string;
}

/** Any object but a pod, with the metadata that a server adds. */
export function apiObject(cluster: ClusterContext, object: ObjectDescription): KubeObject {
  const { apiVersion, kind, namespace, name, createdAt, spec, status } = object;
  const key = `${cluster.name}/${apiVersion}/${kind}/${namespace ?? ''}/${name}`;
  const given = present({
    annotations: object.annotations,
    labels: object.labels,
    ownerReferences: object.owner === undefined ? undefined : [object.owner],
  });
  const manager = object.manager ?? (object.owner ? 'kube-controller-manager' : 'argocd-controller');
  const applied = present({ metadata: given, spec });
  const managedFields = [managedBy({ manager, apiVersion, at: createdAt, fields: applied })];
  if (status !== undefined) {
    const fields = { status };
    const controller = { manager: 'kube-controller-manager', apiVersion, subresource: 'status' };
    managedFields.push(managedBy({ ...controller, at: createdAt, fields }));
  }
  return present({
    apiVersion,
    kind,
    metadata: present({
      ...given,
      creationTimestamp: instant(createdAt),
      generation: spec === undefined ? undefined : 1 + numberFrom(`generation/${key}`, 40),
      managedFields,
      name,
      namespace,
      resourceVersion: String(80_000_000 + numberFrom(key, 9_000_000)),
      uid: uidOf(key),
    }),
    spec,
    status,
  });
}

/** The reference by which a controller owns an object. */
export const controllerReference = (owner: KubeObject): Json => ({
  apiVersion: owner.apiVersion,
  blockOwnerDeletion: true,
  controller: true,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
});

/** The labels that every workload here gives its pods; policies and Services select on `app`. */
const appLabels = (name: string): Labels => ({
  app: name,
  'app.kubernetes.io/instance': `${name}-prod`,
  'app.kubernetes.io/name': name,
});

/** A description whose template carries the workload's own labels. */
export function labelled<T extends TemplateDescription>(description: T, name: string): T {
  return { ...description, labels: { ...appLabels(name), ...description.labels } };
}

/** `spec.template` of a controller. */
export const templateObject = (template: TemplateDescription, name: string, labels: Labels = {}): Json => ({
  metadata: present({
    annotations: template.annotations,
    labels: { ...template.labels, ...labels },
  }),
  spec: templateSpec(template, name),
});

/** Controllers are older than the pods they have now. */
export const createdBefore = (cluster: ClusterContext, pods: readonly PodLife[], margin = days(45)): number =>
  cluster.now - Math.max(0, ...pods.map((pod) => pod.age)) - margin;

export const readyCount = (pods: readonly PodLife[]): number => pods.filter(isReady).length;

/** The Service in front of a workload whose first container listens. */
export function serviceFor(
  cluster: ClusterContext,
  ref: Ref,
  template: TemplateDescription,
): readonly KubeObject[] {
  const port = template.containers[0]?.port;
  if (port === undefined) return [];
  const key = `${cluster.name}/service/${ref.namespace}/${ref.name}`;
  const clusterIP = `172.20.${numberFrom(key, 250)}.${1 + numberFrom(`${key}/host`, 250)}`;
  return [
    apiObject(cluster, {
      apiVersion: 'v1',
      kind: 'Service',
      ...ref,
      createdAt: cluster.now - days(300),
      labels: appLabels(ref.name),
      spec: {
        clusterIP,
        clusterIPs: [clusterIP],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: port }],
        selector: { app: ref.name },
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
    }),
  ];
}
