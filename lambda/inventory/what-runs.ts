import type { PackedPopulation } from './packed-population.ts';
import type { Ended, EndedPod, PodClass } from './pod-class.ts';
import { isNewer } from './population.ts';
import type { Renewal } from './renewal.ts';

/** A class, with what decides whether it is judged. */
export interface Candidate {
  readonly found: PodClass;
  readonly population: PackedPopulation;
  readonly renewal: Renewal;
}

/**
 * The classes of one workload that are judged. Pods that have ended (completed, evicted, failed) decide nothing
 * while one lives: what they were is not what runs. Where none lives and more will come, the newest stands for
 * those to come; where none will come, there is nothing to judge.
 *
 * @param group all classes of the workload
 * @param unread whether pods were not read that may be its own, and live
 */
export function judgedOf(group: readonly Candidate[], unread: boolean): readonly PodClass[] {
  const living = group.filter(({ population }) => population.living > 0);
  if (living.length > 0) return living.map(({ found }) => found);
  const newest = newestOf(group);
  if (newest === null) return [];
  const { found, renewal, latest } = newest;
  const ended = (open: Ended['open']): readonly PodClass[] => [
    { ...found, ended: { pod: latest.name, phase: latest.phase, open } },
  ];
  switch (renewal) {
    case 'never':
      return [];
    case 'unless done':
      if (latest.phase === 'Succeeded') return [];
      break;
    case 'unread':
      return ended('owner-unread');
    case 'unknown':
      return ended('owner-unknown');
    case 'always':
  }
  return ended(unread ? 'pods-unread' : null);
}

function newestOf(group: readonly Candidate[]): (Candidate & { readonly latest: EndedPod }) | null {
  let newest: (Candidate & { readonly latest: EndedPod }) | null = null;
  for (const candidate of group) {
    const { latest } = candidate.population;
    if (latest !== null && (newest === null || isNewer(latest, newest.latest)))
      newest = { ...candidate, latest };
  }
  return newest;
}
