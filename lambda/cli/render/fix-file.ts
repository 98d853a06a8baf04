import { Document } from 'yaml';
import type { FixFile } from '../../fixes/files.ts';
import { terminalSafe } from '../../report/escape.ts';
import { comment } from './egress-suggest.ts';

/** The first line of each file: by it a later run knows that it may replace it. */
export const MARKER = '# Written by eks-drift-audit fixes.';

export interface FileContent extends Pick<FixFile, 'notes' | 'documents'> {
  /** Commands are never broken, so that they can be copied. */
  readonly command: { readonly what: string; readonly line: string } | null;
}

/** A file as YAML, which kubectl takes for patches of any type, under comments that say what must be known. */
export function renderFixFile({ notes, command, documents }: FileContent): string {
  const head = [
    ...comment(notes).split('\n'),
    ...(command === null ? [] : [` ${command.what}`, `   ${terminalSafe(command.line)}`]),
  ]
    .map((line) => `#${line}`)
    .join('\n');
  const bodies = documents.map(
    (each) =>
      `${new Document(each, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }).trimEnd()}\n`,
  );
  return `${MARKER}\n${head}\n${bodies.join('---\n')}`;
}
