import type { RankedWorkload } from '../findings/rank.ts';

/** What lists of workloads say of one that somebody should look at; they are ordered worst first by the ranking. */
export type ListedWorkload = Pick<RankedWorkload, 'cluster' | 'workload' | 'pods' | 'findings'>;
