import type { Exemption } from '../../lambda/config/config.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { findingId } from '../../lambda/findings/identity.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { ClusterIdentity, WorkloadRef } from '../../lambda/inventory/names.ts';

export const PROD: ClusterIdentity = {
  name: 'prod',
  arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/prod',
  accountId: '111122223333',
  region: 'eu-west-1',
};

/** `shop/Deployment/cart` */
export function ref(text: string): WorkloadRef {
  const [namespace = '', kind = '', name = ''] = text.split('/');
  return { namespace, kind, name };
}

export interface FindingChanges extends Partial<Omit<Finding, 'workload' | 'pods'>> {
  readonly on?: string;
  readonly pods?: Partial<Finding['pods']>;
}

export function aFinding({ on = 'shop/Deployment/cart', pods, ...changes }: FindingChanges = {}): Finding {
  const workload = ref(on);
  const { cluster = PROD, check = 'pod-too-old', container = null } = changes;
  return {
    id: findingId({ cluster, check, workload, container }),
    check,
    status: 'new',
    severity: 'medium',
    cluster,
    workload,
    container,
    pods: { count: 1, examples: [`${workload.name}-1`], oldestStartedAt: null, ...pods },
    evidence: {},
    message: 'm',
    remediation: 'r',
    controls: [],
    firstSeen: '2026-11-01T00:00:00.000Z',
    lastSeen: '2026-11-01T00:00:00.000Z',
    exemption: null,
    ...changes,
  };
}

export interface RecordChanges extends Partial<Omit<NotEvaluated, 'workload'>> {
  readonly on?: string;
}

/** About the whole cluster unless `on` names a workload. */
export function aRecord({ on, ...changes }: RecordChanges = {}): NotEvaluated {
  return {
    check: 'pod-too-old',
    cluster: PROD,
    workload: on === undefined ? null : ref(on),
    container: null,
    pods: null,
    reason: 'forbidden',
    message: 'm',
    remediation: 'r',
    ...changes,
  };
}

export interface ResultChanges extends Partial<Omit<ClusterResult, 'tallies'>> {
  /** The checks that ran. */
  readonly checks?: readonly string[];
}

export function aResult({ checks = ['pod-too-old'], ...changes }: ResultChanges = {}): ClusterResult {
  return {
    cluster: PROD,
    outcome: 'audited',
    totals: { pods: 1, completed: 0, terminating: 0, workloads: 1, namespaces: 1, nodes: 1 },
    tallies: checks.map((check) => ({ check, pass: 0, fail: 0, notEvaluated: 0 })),
    findings: [],
    notEvaluated: [],
    notes: [],
    basis: { clean: [], checksOff: [], checksNotAsked: [], namespacesExcluded: [], noLongerAsked: [] },
    ...changes,
  };
}

export function anExemption(changes: Partial<Exemption> = {}): Exemption {
  return {
    check: 'pod-too-old',
    cluster: null,
    namespace: null,
    workload: null,
    container: null,
    reason: 'vendor image',
    owner: 'erp@example.com',
    expires: '2027-03-31',
    ...changes,
  };
}
