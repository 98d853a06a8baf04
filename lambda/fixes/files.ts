import { hash } from 'node:crypto';
import { type CauseObject, causeObjectText } from '../findings/cause.ts';
import type { FileCommand } from '../findings/drawn-patch.ts';
import type { FoldedCause } from '../findings/fold-causes.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { execCommand, patchCommand } from './commands.ts';
import { type Edit, editsOf } from './edits.ts';
import { type FixFacts, objectName, originText } from './facts.ts';
import { jsonPatch } from './json-patch.ts';
import { sourceOf } from './source.ts';
import { strategicPatch } from './strategic-patch.ts';

/** A file that makes a change, before it is written down. */
export interface FixFile {
  /** What the file is called, below the folder of its cluster, without the ending. */
  readonly name: string;
  /** What must be known before it is used, each a sentence or two; may hold any names. */
  readonly notes: readonly string[];
  /** Objects or patches, one a YAML document. */
  readonly documents: readonly (object | readonly object[])[];
  /** Commands that only read, to be given before it is used, each with what it shows. */
  readonly before: readonly FileCommand[];
  /** The command that uses it, once it is written to `path`; `null`: by hand, or with kustomize. */
  readonly command: (path: string) => string | null;
}

/**
 * The same of a cause with its findings and what it risks; these all are about one workload where there is such a patch.
 *
 * @param group the classes of that workload
 */
export function patchOfCause({ cause, findings }: FoldedCause, group: readonly PodClass[]): FixFile | null {
  const [{ workload, pods, managedBy = null, origin = null, fix }] = findings;
  const names = { count: pods.count, names: pods.examples };
  const file = patchFile({ cause, workload, group, pods: names, managedBy, origin });
  return file === null || fix?.risk == null ? file : { ...file, notes: [...file.notes, `Risk: ${fix.risk}`] };
}

type PatchFacts = Pick<FixFacts, 'cause' | 'workload' | 'group' | 'origin' | 'managedBy' | 'pods'>;

/** The patch of a template that removes a cause; `null` where there is none that could be applied. */
function patchFile(facts: PatchFacts): FixFile | null {
  const { cause, group, managedBy } = facts;
  if (managedBy !== null || sourceOf(group)?.patchable === false) return null;
  return patchOf(facts, editsOf(cause, group), fileName(cause.kind, cause.object));
}

function patchOf(facts: PatchFacts, edits: readonly Edit[], name: string): FixFile | null {
  const { workload, group, origin } = facts;
  const strategic = strategicPatch(facts, edits);
  const document = strategic ?? jsonPatch(facts, edits);
  if (document === null) return null;
  const source = sourceOf(group);
  const byHand = origin !== null || source !== null;
  return {
    name,
    notes: [
      strategic === null
        ? `A JSON patch for ${objectName(workload)}; it is refused where the template is not as it was read.`
        : `A strategic merge patch for ${objectName(workload)}, which kustomize takes as well.`,
      ...(origin === null ? [] : [`It is declared in ${originText(origin)}.`]),
      ...(source === null ? [] : [`${source.tool} installs it: make the change ${source.where}.`]),
      ...edits.flatMap(notesOf),
    ],
    before: edits.flatMap((edit) => lookOf(edit, facts)),
    documents: [document],
    command: (path) => (byHand ? null : patchCommand(facts, path)),
  };
}

/** What the layer of a container holds that its image does not: the runtime writes this file when the pod starts. */
const WRITTEN = ['find', '/', '-xdev', '-type', 'f', '-newer', '/etc/hostname'];

function lookOf(edit: Edit, facts: PatchFacts): readonly FileCommand[] {
  if (edit.change !== 'read-only-root') return [];
  const { name, type } = edit.container;
  // Init containers have ended.
  const line = type === 'init' ? null : execCommand(facts, name, WRITTEN);
  return line === null ? [] : [{ what: `To see what container ${name} has written:`, line }];
}

function notesOf(edit: Edit): readonly string[] {
  if (edit.change !== 'read-only-root') return [];
  const { name } = edit.container;
  return [
    `Where container ${name} writes, for example to /tmp, add a volume to the template: volumes: [{ name: tmp, emptyDir: { sizeLimit: 1Gi } }], and to the container: volumeMounts: [{ name: tmp, mountPath: /tmp }]. This patch adds none, since it is not known what is mounted there already.`,
  ];
}

/** `storefront-deployment-search-container-indexer-writable-root`: plain, and different for different objects. */
export function fileName(what: string, object: CauseObject): string {
  const { namespace, kind, name, part } = object;
  const words = [namespace, kind.toLowerCase(), name, part, what].filter((word) => word !== null);
  const plain = words.map((word) => plainWord(word, 40)).join('-');
  const isSame = words.every((word) => plainWord(word, 40) === word);
  return isSame || isPlainPart(object) ? plain : `${plain}-${digest(causeObjectText(object))}`;
}

/** A part such as `container app` or `spec.egress[2]` loses only what is between its words. */
const isPlainPart = ({ namespace, kind, name, part }: CauseObject): boolean =>
  [
    namespace ?? '',
    kind.toLowerCase(),
    name,
    (part ?? '').replace(/ |\[(?=\d+\]$)/, '-').replace(/\]$/, ''),
  ].every((word) => word === '' || plainWord(word, 40) === word);

/** A folder for a cluster: names of contexts may hold anything. */
export const folderName = (cluster: string): string => {
  const plain = plainWord(cluster, 60);
  return plain === cluster ? plain : `${plain}-${digest(cluster)}`;
};

/** Letters, digits, `-`, `_` and single dots inside: never a way out of the folder, a hidden file or an option. */
function plainWord(text: string, limit: number): string {
  const plain = text
    .slice(0, limit)
    .replaceAll(/[^\w.-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  return plain === '' ? 'x' : plain;
}

const digest = (text: string): string => hash('sha256', text, 'hex').slice(0, 8);
