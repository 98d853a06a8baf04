import type { DrawnPatch } from '../../findings/drawn-patch.ts';
import type { ClusterResult } from '../../findings/run-result.ts';
import { shellWord } from '../../fixes/shell.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { renderFixFile } from '../fix-file.ts';
import { inCluster } from '../in-cluster.ts';
import { visible } from '../visible.ts';

/** A patch as a person copies it into a file. */
export interface PatchText {
  /** Of the file. */
  readonly name: string;
  /** Whole lines, as `fixes --write` writes them. */
  readonly text: string;
}

/**
 * The patches that a page shows, by the id of their cause. Of what holds characters that would have to be written out
 * nothing is shown: what is copied would be another patch.
 */
export function patchTexts(clusters: readonly ClusterResult[]): ReadonlyMap<string, PatchText> {
  const texts = new Map<string, PatchText>();
  for (const { cluster, patches = [] } of clusters) {
    for (const patch of patches.flatMap((of) => of.patches)) {
      const shown = { name: `${patch.name}.yaml`, text: textOf(patch, cluster) };
      if (isVisible(shown)) texts.set(patch.cause, shown);
    }
  }
  return texts;
}

const isVisible = ({ name, text }: PatchText): boolean =>
  [name, ...text.split('\n')].every((line) => visible(line) === line);

function textOf({ notes, before, document, command }: DrawnPatch, cluster: ClusterIdentity): string {
  const { arn, name, region } = cluster;
  // The name of the context that `aws eks update-kubeconfig` makes.
  const flags = arn === null ? '' : ` --context ${shellWord(arn)}`;
  const known =
    arn === null || region === null || command === null
      ? null
      : ['aws', 'eks', 'update-kubeconfig', '--name', name, '--region', region].map(shellWord).join(' ');
  return renderFixFile({
    notes,
    documents: [document],
    commands: [
      ...(known === null ? [] : [{ what: 'Once, so that kubectl knows the cluster:', line: known }]),
      ...before.map(({ what, line }) => ({ what, line: inCluster(line, flags) })),
      ...(command === null ? [] : [{ what: 'To apply it:', line: inCluster(command, flags) }]),
    ],
  });
}
