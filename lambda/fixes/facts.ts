import type { Cause } from '../findings/cause.ts';
import type { Origin } from '../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';

/** What a fix is computed from: the cause, and what is known of the workload where it was found. */
export interface FixFacts {
  readonly cluster: ClusterIdentity;
  readonly cause: Pick<Cause, 'kind' | 'object' | 'rules'>;
  readonly workload: WorkloadRef;
  /** The classes of the workload; empty for objects that are no pods. */
  readonly group: readonly PodClass[];
  /** The pods behind the finding: how many, and the names of some, the oldest first. */
  readonly pods: { readonly count: number; readonly names: readonly string[] };
  /** Of manifests: where it is declared. */
  readonly origin: Origin | null;
  /** What runs the workload in place of its cluster's users. */
  readonly managedBy: string | null;
  /** Of a policy that is not enforced: why, as a sentence. */
  readonly because: string | null;
  /** What the check says to all of its findings. */
  readonly remediation: string;
}

/** `Deployment storefront/web`. */
export const objectName = ({ namespace, kind, name }: WorkloadRef): string =>
  `${kind} ${namespace === '' ? '' : `${short(namespace)}/`}${short(name)}`;

/** A name in a sentence: names of the API server mostly fit, those of files may be of any length. */
export const short = (name: string, limit = 63): string =>
  name.length <= limit ? name : `${name.slice(0, limit - 3)}...`;

/** Where an object is declared: `shop.yaml:12`. */
export const originText = ({ file, line }: Origin): string =>
  file === '-' ? `line ${line} of standard input` : `${short(file, 100)}:${line}`;

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  const [last = '', ...before] = words.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} and ${last}`;
}

/** The first letter in upper case. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
