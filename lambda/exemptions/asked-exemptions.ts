import type { WorkloadExemption } from '../findings/finding.ts';
import { EXEMPT_ANNOTATION } from '../inventory/annotations.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { workloadKey } from '../inventory/workload.ts';
import { readExemptAnnotation } from './annotations.ts';

export interface AskedInCluster {
  readonly exemptions: readonly WorkloadExemption[];
  /** Whole sentences: which annotations do not count, and why. */
  readonly notes: readonly string[];
}

export interface AskOptions {
  /** Whether the configuration accepts annotations. */
  readonly accepted: boolean;
  readonly knownChecks: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The exemptions that owners of workloads ask for on their pods. They count only where every pod that is
 * not completed asks for the same: neither an old replica nor somebody else's pod that names the
 * workload as its owner can exempt the others.
 */
export function askedExemptions(
  { classes, cluster }: Pick<Inventory, 'classes' | 'cluster'>,
  { accepted, knownChecks, now }: AskOptions,
): AskedInCluster {
  if (!classes.some((one) => textOf(one) !== undefined)) return { exemptions: [], notes: [] };
  const asking = [...Map.groupBy(classes, ({ workload }) => workloadKey(workload)).values()].filter((group) =>
    group.some((one) => textOf(one) !== undefined),
  );
  if (!accepted) return { exemptions: [], notes: [notAccepted(asking.length)] };
  const exemptions: WorkloadExemption[] = [];
  const notes: string[] = [];
  for (const group of asking) {
    const [{ workload }] = group as [PodClass];
    const text = commonText(group);
    const asked =
      text === null
        ? { exemptions: [], problem: 'is not the same on all of its pods' }
        : readExemptAnnotation({ cluster, workload, text }, { knownChecks, now });
    exemptions.push(...asked.exemptions);
    if (asked.problem !== null) {
      notes.push(
        `The annotation ${EXEMPT_ANNOTATION} of ${workloadKey(workload)} ${asked.problem}, so it exempts nothing.`,
      );
    }
  }
  return { exemptions, notes };
}

const textOf = ({ spec }: PodClass): string | undefined => spec.annotations?.[EXEMPT_ANNOTATION];

/** `null` when the pods do not agree. */
function commonText(group: readonly PodClass[]): string | null {
  const [text, ...others] = new Set(group.map(textOf));
  return text === undefined || others.length > 0 ? null : text;
}

const notAccepted = (workloads: number): string =>
  `${workloads} ${workloads === 1 ? 'workload asks' : 'workloads ask'} for exemptions by the annotation ${EXEMPT_ANNOTATION}, which the configuration does not accept (exemptionAnnotations).`;
