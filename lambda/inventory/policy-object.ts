import type { Labels } from './names.ts';

/** A policy object, its `spec` as the server gave it; each policy kind parses its own. */
export interface PolicyObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly spec: unknown;
  /** The list of specs that Cilium's policies may have beside the one, if the object has any. */
  readonly specs?: unknown;
  /** Why it may be another one than this, where there are several of its name: it then may do anything to its pods. */
  readonly uncertainty?: string;
}
