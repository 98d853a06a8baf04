import type { PodClass } from '../../inventory/pod-class.ts';
import { isBeyondSkew } from '../age.ts';

/** Starts a little ahead come from clocks that disagree; their age counts as zero, which must be said. */
export function clockSkew(now: number) {
  let count = 0;
  let furthest = now;
  return {
    look({ population }: PodClass): void {
      for (const startedAt of population.active.startedAt) {
        if (startedAt <= now || isBeyondSkew(now, startedAt)) continue;
        count++;
        furthest = Math.max(furthest, startedAt);
      }
    },
    notes(): readonly string[] {
      if (count === 0) return [];
      const ahead = Math.ceil((furthest - now) / 1000);
      return [
        `${count} ${count === 1 ? 'pod starts' : 'pods start'} in the future, by up to ${ahead} s (clocks disagree): the age counts as 0.`,
      ];
    },
  };
}
