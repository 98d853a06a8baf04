import { CATALOGUE } from '../../../lambda/checks/catalogue.ts';
import { controlLabel } from '../../../lambda/findings/control.ts';
import type { Finding } from '../../../lambda/findings/finding.ts';
import { findingId } from '../../../lambda/findings/identity.ts';
import type { ClusterResult } from '../../../lambda/findings/run-result.ts';
import type { ClusterIdentity } from '../../../lambda/inventory/names.ts';
import { NOW, namespaceName } from '../data/values.ts';

export const CLUSTER: ClusterIdentity = {
  name: 'bench',
  arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/bench',
  accountId: '111122223333',
  region: 'eu-west-1',
};

const DAY_MS = 86_400_000;
const NAMESPACES = 2000;
const YESTERDAY = NOW - DAY_MS;
const FIRST_SEEN = new Date(NOW - 90 * DAY_MS).toISOString();
const LAST_SEEN = new Date(YESTERDAY).toISOString();

/** A finding as the checks make them, with the text of its check: everything follows from its number. */
export function findingAt(index: number): Finding {
  const rule = CATALOGUE[index % CATALOGUE.length];
  if (rule === undefined) throw new RangeError(`no finding ${index}`);
  const { id: check, severity, remediation, controls } = rule;
  const number = Math.floor(index / CATALOGUE.length);
  const name = `service-${number}`;
  const workload = { namespace: namespaceName(number % NAMESPACES), kind: 'Deployment', name };
  const container = 'app';
  return {
    id: findingId({ cluster: CLUSTER, check, workload, container }),
    check,
    status: 'open',
    severity,
    cluster: CLUSTER,
    workload,
    container,
    pods: {
      count: 3,
      examples: [1, 2, 3].map((pod) => `${name}-6d8f9c7b54-x${pod}`),
      oldestStartedAt: FIRST_SEEN,
    },
    evidence: {
      field: 'securityContext.readOnlyRootFilesystem',
      value: null,
      image: `${name}:1.${number % 90}`,
    },
    message: `The root filesystem of container ${container} is writable.`,
    remediation,
    controls: controls.map(controlLabel),
    firstSeen: FIRST_SEEN,
    lastSeen: LAST_SEEN,
    exemption: null,
  };
}

export const findingsBetween = (from: number, to: number): Finding[] =>
  Array.from({ length: to - from }, (_, index) => findingAt(from + index));

/** A whole audit that found these. */
export const resultWith = (findings: readonly Finding[]): ClusterResult => ({
  cluster: CLUSTER,
  outcome: 'audited',
  totals: { pods: 0, completed: 0, terminating: 0, workloads: 0, namespaces: NAMESPACES, nodes: 0 },
  tallies: CATALOGUE.map(({ id }) => ({ check: id, pass: 0, fail: 1, notEvaluated: 0 })),
  findings,
  notEvaluated: [],
  notes: [],
});
