import { Document } from 'yaml';
import type { FileCommand, FixFile } from '../../fixes/files.ts';
import { terminalSafe } from '../../report/escape.ts';
import { comment } from './egress-suggest.ts';

/** The first line of each file: by it a later run knows that it may replace it. */
export const MARKER = '# Written by eks-drift-audit fixes.';

export interface FileContent extends Pick<FixFile, 'notes' | 'documents'> {
  readonly commands: readonly FileCommand[];
}

/** A file as YAML, which kubectl takes for patches of any type, under comments that say what must be known. */
export function renderFixFile({ notes, commands, documents }: FileContent): string {
  const head = [
    ...comment(notes).split('\n'),
    ...commands.flatMap(({ what, line }) => [` ${terminalSafe(what)}`, `   ${terminalSafe(line)}`]),
  ]
    .map((line) => `#${line}`)
    .join('\n');
  const bodies = documents.map(
    (each) =>
      `${new Document(each, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }).trimEnd()}\n`,
  );
  return `${MARKER}\n${head}\n${bodies.join('---\n')}`;
}
