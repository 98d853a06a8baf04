import { compareText } from '../inventory/workload.ts';

/** A command that is never broken, so that it can be copied. */
export interface FileCommand {
  /** What it is for, with a colon. */
  readonly what: string;
  readonly line: string;
}

/** The patch of a template that removes one cause of one workload, as data: names in it are text from the cluster. */
export interface DrawnPatch {
  /** Id of the cause. */
  readonly cause: string;
  /** What its file is called, without the ending. */
  readonly name: string;
  /** What must be known before it is used. */
  readonly notes: readonly string[];
  /** Commands that only read, to be given before. */
  readonly before: readonly FileCommand[];
  readonly document: object;
  /** That applies it from a file of its name; `null`: by hand, or with kustomize. */
  readonly command: string | null;
}

/** The patches of one workload, at least one. */
export interface WorkloadPatches {
  /** The rank of the workload among those of all clusters; larger is worse. */
  readonly score: number;
  /** Cluster aside, what tells equal ones apart: `namespace/kind/name`. */
  readonly workload: string;
  readonly patches: readonly DrawnPatch[];
}

/** So many workloads of a cluster, or of a fleet, keep their patches: reports show ten, and some may be exempt. */
export const MOST_PATCHED = 30;

/** What says which workload is worse. */
export type Scored = Pick<WorkloadPatches, 'score' | 'workload'>;

/** The worst first, whatever the order was in which they came. */
export const compareScored = (a: Scored, b: Scored): number =>
  b.score - a.score || compareText(a.workload, b.workload);

/** Those of the worst workloads, the worst first. */
export const worstPatches = <One extends Scored>(
  all: readonly One[],
  most: number = MOST_PATCHED,
): readonly One[] => all.toSorted(compareScored).slice(0, most);
