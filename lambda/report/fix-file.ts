import { Document } from 'yaml';
import type { FileCommand } from '../findings/drawn-patch.ts';
import { terminalSafe } from './escape.ts';
import { wrapped } from './words.ts';

/** The first line of each file: by it a later run knows that it may replace it. */
export const MARKER = '# Written by eks-drift-audit fixes.';

export interface FileContent {
  /** What must be known before it is used, each a sentence or two; may hold any names. */
  readonly notes: readonly string[];
  readonly commands: readonly FileCommand[];
  /** Objects or patches, one a YAML document. */
  readonly documents: readonly (object | readonly object[])[];
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

const WIDTH = 100;

/** Names of the configuration and of the cluster are hostile text, and none may end its comment. */
export const comment = (notes: readonly string[]): string =>
  notes
    .flatMap((note) => wrapped(terminalSafe(note), WIDTH, ' ', '   '))
    .map((line) => line.trimEnd())
    .join('\n');
