import type { Labels } from './model.ts';

/** By which owners of workloads ask for an exemption; counts only where the configuration accepts it. */
export const EXEMPT_ANNOTATION = 'eks-drift-auditor.dev/exempt';

/** Annotations of pods that something reads. All others, which can be large, are passed over. */
const KEPT: ReadonlySet<string> = new Set([EXEMPT_ANNOTATION]);

/** Of a value no more is kept, so that pods of large annotations cost no memory. In UTF-16 units. */
export const LONGEST_VALUE = 8192;

/** Tells most keys apart from kept ones without reading them. In bytes; kept keys are ASCII. */
const LENGTHS: ReadonlySet<number> = new Set([...KEPT].map((key) => key.length));
export const mayBeKept = (bytes: number): boolean => LENGTHS.has(bytes);

export const isKept = (key: string): boolean => KEPT.has(key);

/** The value as it is kept: a longer one is cut behind one unit too many, by which its reader knows it. */
export const keptValue = (value: string): string => value.slice(0, LONGEST_VALUE + 1);

/** The kept ones as facts of a pod; nothing where there is none, so that most pods carry no field. */
export const annotationFacts = (kept: Labels | null): { readonly annotations?: Labels } =>
  kept === null ? {} : { annotations: kept };

/** Whether two pods have the same kept annotations, in whatever order. */
export function sameAnnotations(one: Labels | undefined, other: Labels | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
