import type { MeshResource, PolicyResource } from './resources.ts';

/** A kind of object that the audit reads, named as in RBAC rules; custom ones with their group. */
export type Resource =
  | 'pods'
  | 'nodes'
  | 'namespaces'
  | 'serviceaccounts'
  | 'replicasets'
  | 'jobs'
  | 'securitygrouppolicies.vpcresources.k8s.aws'
  | PolicyResource
  | MeshResource;

/** Why something could not be read or decided. Stable codes, for filters and tests. */
export const GAP_REASONS = [
  'forbidden',
  'unauthorized',
  'unreachable',
  'timeout',
  'server-error',
  'list-incomplete',
  'malformed-object',
  'too-large',
  'field-missing',
  'platform',
  'no-running-pod',
  /** No verdict is due at all: there is no pod, or no check applies. */
  'nothing-to-judge',
  /** Clocks that disagree by more than minutes. */
  'clock-skew',
  /** The files do not hold it, and it was not said that they hold everything. */
  'not-in-snapshot',
  /** A file, or a document in it: never an all clear, whatever is allowed to be incomplete. */
  'unreadable-file',
  'policy-not-understood',
  /** A registry that the configuration does not list. */
  'registry-not-read',
  /** The registry does not have the image, or not its repository. */
  'not-in-registry',
  /** What runs has no digest by which a registry could be asked. */
  'no-digest',
  /** Of an image in a pull-through cache it is known since when the cache has it. */
  'cache-time-only',
  /** No scan has come to a result. */
  'scan-unsettled',
  /** The kubelet does not know the size of a writable layer, or that of an earlier container. */
  'not-sampled',
  /** Addresses, or a name, behind which many others' things are. */
  'address-shared',
  /** The run had no time left for it. */
  'out-of-time',
  /** Its audit ended without a result: a defect, or a function that was ended. */
  'not-finished',
  /** It may be another cluster than the one that was known. */
  'identity-unclear',
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/**
 * A hole in the inventory. `resource: null` stands for everything (the cluster could not be read at
 * all). A gap with a `scope` concerns that object alone; one without concerns the whole resource.
 */
export interface Gap {
  readonly resource: Resource | null;
  readonly reason: GapReason;
  /** One sentence: what happened and to what. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
  readonly scope?: { readonly namespace: string; readonly kind: string; readonly name: string };
}
