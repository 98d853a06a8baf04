import type { Unread } from '../../inventory/engine-settings.ts';
import type { Gap, Resource } from '../../inventory/gap.ts';
import { CILIUM_NODE_CONFIG } from '../engines/engine-sources.ts';
import type { Fields } from '../fields.ts';
import { policyKindOf } from '../policies/policy-kinds.ts';
import { SECURITY_GROUP_POLICY, SECURITY_GROUP_RESOURCE } from '../policies/security-group-policies.ts';
import { type BrokenName, nameOf } from '../read-object.ts';
import { isAboutServices } from '../service-ranges.ts';
import type { Sorted } from './sorted.ts';

/** An object that is there several times, in versions that differ. */
export interface Differing {
  readonly kind: string;
  readonly object: Fields;
  /** Where all of them are: `a.yaml and b.yaml`. */
  readonly differs: string;
}

/**
 * Whether each version is judged by itself: objects that make pods are, and policies, which may have any effect on the
 * pods that one of the versions selects.
 */
export function isJudgedApart({ kind, object }: Omit<Differing, 'differs'>): boolean {
  const apiVersion = String(object['apiVersion'] ?? '');
  const policy = policyKindOf(apiVersion, kind);
  if (policy !== null) return policy.role === 'policy' && !REFERRED.has(policy.resource);
  return !OTHERS.has(kind) && !isAboutServices(apiVersion, kind);
}

/** Objects that policies refer to. Which policies these are is only seen as they are read. */
const REFERRED: ReadonlySet<Resource> = new Set<Resource>([
  'tiers.projectcalico.org',
  'networksets.projectcalico.org',
  'globalnetworksets.projectcalico.org',
  'ciliumcidrgroups.cilium.io',
]);

/** Kinds that are neither policies nor make pods. */
const OTHERS: ReadonlySet<string> = new Set([
  'Node',
  'Namespace',
  'ServiceAccount',
  'ConfigMap',
  'NodeClass',
  CILIUM_NODE_CONFIG.kind,
  SECURITY_GROUP_POLICY.kind,
]);

/** Of those that some check needs as a whole. */
const RESOURCES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['Node', 'nodes'],
  [SECURITY_GROUP_POLICY.kind, SECURITY_GROUP_RESOURCE],
]);

/** Takes none of the versions of an object for the true one. */
export function noteDiffering(sorted: Sorted, { kind, object, differs }: Differing): void {
  const name = nameOf(object, kind);
  const policy = policyKindOf(String(object['apiVersion'] ?? ''), kind);
  const resource = policy?.resource ?? RESOURCES.get(kind);
  const unread = unreadOf(name, differs);
  if (kind === 'ConfigMap') sorted.configMaps.set(name.name, { unread });
  else if (kind === CILIUM_NODE_CONFIG.kind) sorted.ciliumPerNode = unread;
  else if (kind === 'NodeClass') sorted.nodeClassesUnread = unread;
  // Of a Namespace the labels count as not known, of a ServiceAccount nothing: a note says so already.
  else if (resource !== undefined) addGap(sorted.gaps, { resource, ...unread });
}

/** Each of the versions says the same. */
function addGap(gaps: Gap[], gap: Gap): void {
  if (!gaps.some(({ message }) => message === gap.message)) gaps.push(gap);
}

/** The end of a sentence about an object. */
export const differsText = (differs: string): string =>
  `it differs between ${differs}, of which only one can be true`;

const unreadOf = ({ namespace, kind, name }: BrokenName, differs: string): Unread => ({
  reason: 'malformed-object',
  message: `${kind} ${namespace === null || namespace === '' ? '' : `${namespace}/`}${name} is not known: ${differsText(differs)}.`,
  remedy: 'Remove the files that do not belong to the audited cluster: a cluster has each object once.',
});
