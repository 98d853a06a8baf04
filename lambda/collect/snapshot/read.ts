import { UsageError } from '../../errors.ts';
import type { Gap } from '../../inventory/gap.ts';
import type { NodeLayers } from '../../measure/summary.ts';
import type { RegistryAnswer } from '../../registry/in-files.ts';
import type { SnapshotContent } from '../content.ts';
import { mergeDuplicates } from './duplicates.ts';
import { findSources, type SnapshotIo, type Source } from './files.ts';
import { newSorting, type SnapshotObject, type Sorting, sortDocument } from './objects.ts';
import { pageGaps } from './pages.ts';
import { type ParsedDocument, parseDocuments, TEMPLATE, UnreadableFile } from './parse.ts';

export interface Snapshot {
  /** Objects of the kinds that some check reads, each once, with `apiVersion`, `kind`, name and namespace. */
  readonly objects: readonly SnapshotObject[];
  readonly content: SnapshotContent;
  readonly gaps: readonly Gap[];
  readonly notes: readonly string[];
  /** Answers of kubelets, in the order of the files. */
  readonly summaries: readonly NodeLayers[];
  /** Answers of ECR about images. */
  readonly registryAnswers: readonly RegistryAnswer[];
}

export interface SnapshotOptions {
  /** Whoever gives a dump says that it holds everything there is. @defaultValue false */
  readonly complete?: boolean;
}

/**
 * Reads Kubernetes objects from files, folders and standard input (`-`): YAML with any number of documents,
 * JSON, lists of any kind. What cannot be read becomes a gap; everything else is read all the same.
 * @throws UsageError for paths that do not exist, and when there is no Kubernetes object in any of them
 */
export async function readSnapshot(
  paths: readonly string[],
  io: SnapshotIo,
  { complete = false }: SnapshotOptions = {},
): Promise<Snapshot> {
  const sorting = newSorting();
  let documents = 0;
  for (const source of await findSources(paths, io)) documents += await readSource(source, sorting);
  sorting.gaps.push(...pageGaps(sorting.pages));
  // An empty list is an answer, an empty file is not.
  if (documents === 0 && sorting.gaps.length === 0) {
    throw new UsageError(`There is no Kubernetes object in ${paths.map(nameOfPath).join(', ')}.`);
  }
  const { objects, notes } = mergeDuplicates(sorting.objects);
  const content: SnapshotContent = sorting.fromCluster
    ? { form: 'dump', holds: sorting.holds, complete }
    : { form: 'manifests' };
  const { summaries, registryAnswers, gaps } = sorting;
  return { objects, content, gaps, notes: [...notes, ...notesOf(sorting)], summaries, registryAnswers };
}

/** @returns how many documents of the source were manifests */
async function readSource(source: Source, sorting: Sorting): Promise<number> {
  let parsed: readonly ParsedDocument[];
  try {
    parsed = parseDocuments(await source.read());
  } catch (error) {
    sorting.gaps.push(unreadable(source.name, error));
    return 0;
  }
  let manifests = 0;
  for (const document of parsed) {
    if ('problem' in document) {
      sorting.gaps.push(notYaml(source.name, document));
      continue;
    }
    const foreign = sorting.foreign.length;
    const origin = originOf(source.name, document.number, parsed.length);
    sortDocument(document.value, { origin, file: source.file, place: document.place }, sorting);
    const isManifest =
      document.value !== null && document.value !== undefined && sorting.foreign.length === foreign;
    if (isManifest) manifests++;
  }
  return manifests;
}

function originOf(name: string, number: number, of: number): string {
  return of === 1 ? name : `${name} (document ${number})`;
}

function nameOfPath(path: string): string {
  return path === '-' ? 'standard input' : `"${path}"`;
}

function notYaml(name: string, { problem, line }: Extract<ParsedDocument, { problem: string }>): Gap {
  const isTemplate = problem === TEMPLATE;
  return {
    resource: null,
    reason: 'unreadable-file',
    scope: fileScope(name),
    message: isTemplate
      ? `${name}, line ${line}: ${problem}, so nothing in it was read.`
      : `${name}, line ${line}: this is neither valid YAML nor JSON (${problem}); the objects of this document were not read.`,
    remedy: isTemplate
      ? 'Render the chart first, and audit the output: helm template CHART | eks-drift-audit audit --snapshot -'
      : 'Correct the file; if it is a template, render it first, for instance with helm template or kustomize build.',
  };
}

/** What could not be read, instead of the objects in it. */
const fileScope = (name: string) => ({ namespace: '', kind: 'File', name });

function unreadable(name: string, error: unknown): Gap {
  if (error instanceof UnreadableFile) {
    return {
      resource: null,
      reason: 'unreadable-file',
      scope: fileScope(name),
      message: `${name} was not read: ${error.message}.`,
      remedy: error.tooLarge
        ? 'Split it into smaller files, write it as JSON, or audit the live cluster, which is read page by page.'
        : 'Convert it to UTF-8, or leave it out of the audit.',
    };
  }
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code !== 'string') throw error;
  return {
    resource: null,
    reason: 'unreadable-file',
    scope: fileScope(name),
    message: `${name} cannot be read (${code}).`,
    remedy: 'Make it readable for the user who runs the audit, or leave it out of the audit.',
  };
}

function notesOf({ ignored, foreign }: Sorting): readonly string[] {
  const notes: string[] = [];
  if (ignored.size > 0) {
    const total = [...ignored.values()].reduce((sum, count) => sum + count, 0);
    const kinds = [...ignored]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${count} ${name}`);
    notes.push(
      `${total} ${total === 1 ? 'object' : 'objects'} of kinds that no check reads: ${enumerate(kinds)}.`,
    );
  }
  if (foreign.length > 0) {
    const documents = foreign.length === 1 ? 'document' : 'documents';
    notes.push(`${foreign.length} ${documents} ignored as not a Kubernetes manifest: ${enumerate(foreign)}.`);
  }
  return notes;
}

function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
