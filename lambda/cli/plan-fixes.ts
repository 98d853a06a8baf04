import type { Config } from '../config/config.ts';
import type { FoldedCause } from '../findings/fold-causes.ts';
import type { Change } from '../fixes/changes.ts';
import { fileName, folderName, patchOfCause } from '../fixes/files.ts';
import { shellWord } from '../fixes/shell.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { workloadKey } from '../inventory/workload.ts';
import type { AllLabels } from '../questions/all-labels.ts';
import { type Draft, draftFor } from '../questions/drafts.ts';
import { renderFixFile } from '../report/fix-file.ts';
import { asCalled, PROGRAM } from '../report/own-commands.ts';
import type { Look } from './io.ts';
import { commandFor } from './kubectl.ts';
import { draftNotes } from './render/fix-draft.ts';
import type { FileToWrite } from './write-fixes.ts';

/** What was read of a cluster whose changes are written to files. */
export interface ReadCluster {
  readonly inventory: Inventory;
  readonly labels: AllLabels;
}

/** A file that is planned for a change, with what to do with it. */
export interface PlannedFile extends FileToWrite {
  /** The folder that it is written into, with its path. */
  readonly file: string;
  /** That uses a patch, or shows what a draft would take away; `null`: by hand or with kustomize. */
  readonly command: string | null;
  readonly draft: Draft | null;
}

export interface PlanOptions {
  readonly folder: string;
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
  /** How the reader gives commands. */
  readonly look: Look;
  /** What makes a cluster known to kubectl. */
  readonly kubeconfigOf: (cluster: ClusterIdentity) => string | null;
}

/** Makes the files of one change after the other; no two of a run have the same path. */
export function createPlanner(
  options: PlanOptions,
): (folded: FoldedCause, read: ReadCluster) => PlannedFile | null {
  const taken = new Set<string>();
  const classesOf = createClassIndex();
  const pathFor = ({ cause, cluster }: FoldedCause, name: string): string => {
    const path = `${folderName(cluster.name)}/${name}`;
    // File systems may not tell upper from lower case.
    const isFree = !taken.has(path.toLowerCase());
    const unique = isFree ? path : `${path}-${cause.id.slice(0, 12)}`;
    taken.add(unique.toLowerCase());
    return `${unique}.yaml`;
  };
  return (folded, read) => {
    const [{ workload }] = folded.findings;
    const found = patchOfCause(folded, classesOf(read.inventory).get(workloadKey(workload)) ?? []);
    if (found !== null) {
      const path = pathFor(folded, found.name);
      const file = `${options.folder}/${path}`;
      const { cluster } = folded;
      const line = found.command(file);
      const command = line === null ? null : commandFor(line, cluster, options.look);
      const known = options.kubeconfigOf(cluster);
      const text = renderFixFile({
        ...found,
        commands: [
          ...(known === null || command === null
            ? []
            : [{ what: 'Once, so that kubectl knows the cluster:', line: known }]),
          ...found.before.map(({ what, line }) => ({ what, line: commandFor(line, cluster, options.look) })),
          ...(command === null ? [] : [{ what: 'To apply it:', line: command }]),
        ],
      });
      return { path, file, command, draft: null, text };
    }
    const draft = draftFor(folded, { ...read, config: options.config, now: options.now });
    if (draft === null || draft.policies.length === 0) return null;
    const { kind, object } = folded.cause;
    const path = pathFor(folded, fileName(kind, object));
    const file = `${options.folder}/${path}`;
    const [policy] = draft.policies;
    const where = policy === undefined ? '' : ` ${shellWord(`${policy.metadata.namespace}/`)}`;
    const command = asCalled(`${PROGRAM} egress${where} --with ${shellWord(file)}`, options.look);
    const text = renderFixFile({
      notes: draftNotes(draft, folded),
      commands: [{ what: 'To see what it takes away:', line: command }],
      documents: draft.policies,
    });
    return { path, file, command, draft, text };
  };
}

type ClassIndex = ReadonlyMap<string, readonly PodClass[]>;

function createClassIndex(): (inventory: Inventory) => ClassIndex {
  const known = new WeakMap<Inventory, ClassIndex>();
  return (inventory) => {
    const index =
      known.get(inventory) ?? Map.groupBy(inventory.classes, ({ workload }) => workloadKey(workload));
    known.set(inventory, index);
    return index;
  };
}

/** The files of a change, in the order of its clusters. */
export const filesOf = (
  { causes }: Change,
  fileOf: (folded: FoldedCause) => PlannedFile | null,
): readonly { readonly cluster: string; readonly planned: PlannedFile }[] =>
  causes.flatMap((folded) => {
    const planned = fileOf(folded);
    return planned === null ? [] : [{ cluster: folded.cluster.name, planned }];
  });
