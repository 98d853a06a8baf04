import type { NodeFacts } from '../inventory/fold.ts';
import type { MeasurableNode } from '../inventory/measurable-node.ts';
import type { Labels } from '../inventory/names.ts';
import { list, optionalInteger, optionalObject, optionalString } from './fields.ts';
import { asOs } from './pods/facts/operating-system.ts';
import { asFields, readMeta } from './read-object.ts';

/**
 * What the labels of a node say. EKS sets the type of compute on Fargate, Auto Mode and hybrid nodes, and the
 * NodeClass on those of Auto Mode.
 * Sources: https://docs.aws.amazon.com/eks/latest/userguide/associate-workload.html
 * https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-webhooks.html
 */
export function nodeFacts(labels: Labels): NodeFacts {
  const type = labels['eks.amazonaws.com/compute-type'];
  return {
    os: asOs(labels['kubernetes.io/os'] ?? ''),
    compute: type === 'fargate' || type === 'auto' || type === 'hybrid' ? type : 'ec2',
    ...(type === 'auto' ? { nodeClass: labels['eks.amazonaws.com/nodeclass'] || null } : {}),
  };
}

/**
 * What it takes to ask the kubelet of a node. Node objects are written by their kubelets: what is said here is not trusted further
 * than a certificate of the cluster for that address goes.
 * @throws MalformedObject
 */
export function measurableNode(item: unknown): MeasurableNode {
  const object = asFields(item);
  const { name, labels } = readMeta(object);
  const status = optionalObject(object['status'], 'status') ?? {};
  const { os, compute = 'unknown' } = nodeFacts(labels);
  return { name, os, compute, ready: isReady(status['conditions']), ...addressOf(status) };
}

function isReady(conditions: unknown): boolean | null {
  for (const item of list(conditions, 'status.conditions')) {
    const condition = optionalObject(item, 'status.conditions[]') ?? {};
    if (condition['type'] === 'Ready') return condition['status'] === 'True';
  }
  return null;
}

function addressOf(status: Readonly<Record<string, unknown>>): Pick<MeasurableNode, 'address' | 'port'> {
  const internal = list(status['addresses'], 'status.addresses')
    .map((item) => optionalObject(item, 'status.addresses[]') ?? {})
    .find(({ type }) => type === 'InternalIP');
  const endpoints = optionalObject(status['daemonEndpoints'], 'status.daemonEndpoints') ?? {};
  const kubelet =
    optionalObject(endpoints['kubeletEndpoint'], 'status.daemonEndpoints.kubeletEndpoint') ?? {};
  return {
    address: optionalString(internal?.['address'], 'status.addresses[].address'),
    port: optionalInteger(kubelet['Port'], 'status.daemonEndpoints.kubeletEndpoint.Port'),
  };
}
