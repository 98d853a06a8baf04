import type { Labels } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { isUnknownValue } from '../inventory/unknown-labels.ts';

/** What writes the objects of a workload, so that a change of the live object would be undone. */
export interface Source {
  readonly tool: 'Helm' | 'Argo CD' | 'Flux';
  /** As the end of a sentence: where to change it. */
  readonly where: string;
  /** Whether a patch can be put beside what it installs from, as kustomize does. */
  readonly patchable: boolean;
}

/**
 * Labels by which pods tell what installed them, as far as their templates carry them. Annotations that say more are not
 * read, and a pod without these may well be managed by one of the tools.
 * Sources: https://helm.sh/docs/chart_best_practices/labels/,
 * https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/,
 * https://fluxcd.io/flux/components/kustomize/kustomizations/ and https://fluxcd.io/flux/components/helm/helmreleases/
 */
const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  chart: 'helm.sh/chart',
  argo: 'argocd.argoproj.io/instance',
  fluxHelm: 'helm.toolkit.fluxcd.io/name',
  fluxKustomize: 'kustomize.toolkit.fluxcd.io/name',
} as const;

export const SOURCE_LABELS: readonly string[] = Object.values(LABELS);

/** @param group the classes of a workload */
export function sourceOf(group: readonly PodClass[]): Source | null {
  for (const { labels } of group) {
    const found = sourceIn(labels);
    if (found !== null) return found;
  }
  return null;
}

/** The outermost tool comes first: Argo CD and Flux install charts, too. */
function sourceIn(found: Labels): Source | null {
  // Of what a controller may add to a template nothing is known.
  const labels: Labels = Object.fromEntries(
    Object.entries(found).filter(([, value]) => !isUnknownValue(value)),
  );
  const { [LABELS.argo]: argo, [LABELS.fluxKustomize]: kustomize, [LABELS.fluxHelm]: release } = labels;
  if (argo)
    return {
      tool: 'Argo CD',
      patchable: true,
      where: `in the Git source of the Argo CD application ${short(argo)}`,
    };
  if (release)
    return {
      tool: 'Flux',
      patchable: false,
      where: `in the values of the Flux HelmRelease ${short(release)}`,
    };
  if (kustomize) {
    return {
      tool: 'Flux',
      patchable: true,
      where: `in the Git source of the Flux Kustomization ${short(kustomize)}`,
    };
  }
  const { [LABELS.chart]: chart, [LABELS.managedBy]: managedBy } = labels;
  if (chart)
    return { tool: 'Helm', patchable: false, where: `in the values of the Helm chart ${short(chart)}` };
  return managedBy === 'Helm'
    ? { tool: 'Helm', patchable: false, where: 'in the values of its Helm chart' }
    : null;
}

/** Values of labels have at most 63 characters; files may hold anything. */
const short = (value: string): string => (value.length <= 63 ? value : `${value.slice(0, 60)}...`);
