import type { Labels } from '../../../lambda/inventory/names.ts';
import { mix } from '../data/values.ts';

/**
 * A large cluster seen from its network policies. Everything follows from the numbers of a namespace
 * and of a class, in every run.
 */

export const NAMESPACES = 10_000;
export const CLASSES = 20_000;
export const TEAMS = 300;
const APPS = 400;

const LAYERS = ['web', 'api', 'worker', 'batch', 'data'];
const ENVIRONMENTS = ['prod', 'prod', 'stage', 'dev'];

export const pick = <T>(list: readonly [T, ...T[]], value: number): T => list[value % list.length] ?? list[0];

export const namespaceName = (index: number): string => `ns-${String(index).padStart(5, '0')}`;
const teamOf = (namespace: number): number => mix(namespace, 1) % TEAMS;

/** A cluster on its way from one API for administrators to the next: each team is under one of them. */
const apiOf = (team: number): string => (team < 150 ? 'v1alpha1' : team < 200 ? 'v1alpha2' : 'aws');

export const namespaceLabels = (namespace: number): Labels => ({
  'kubernetes.io/metadata.name': namespaceName(namespace),
  team: `team-${teamOf(namespace)}`,
  'admin-api': apiOf(teamOf(namespace)),
  env: ENVIRONMENTS[mix(namespace, 2) % ENVIRONMENTS.length] ?? '',
  'pod-security.kubernetes.io/enforce': 'baseline',
});

/** Every namespace has a class; the other half of the classes crowd in the namespaces of low number. */
export function namespaceOf(classIndex: number): number {
  if (classIndex < NAMESPACES) return classIndex;
  const share = mix(classIndex, 3) / 2 ** 32;
  return Math.floor(share * share * NAMESPACES);
}

export const appOf = (classIndex: number): string => `app-${mix(classIndex, 4) % APPS}`;

export const classLabels = (classIndex: number): Labels => ({
  app: appOf(classIndex),
  'app.kubernetes.io/name': appOf(classIndex),
  'app.kubernetes.io/part-of': `suite-${mix(classIndex, 5) % 40}`,
  layer: LAYERS[mix(classIndex, 6) % LAYERS.length] ?? '',
});

/** One class in a hundred runs on the network of its node. */
export const isOnNodeNetwork = (classIndex: number): boolean => classIndex % 100 === 7;
