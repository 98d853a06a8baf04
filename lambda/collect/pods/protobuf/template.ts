import { annotationFacts, sameAnnotations } from '../../../inventory/annotations.ts';
import type { PodSpecFacts } from '../../../inventory/pod.ts';
import { tokenMountsOf } from './container.ts';
import { readAffinityOs } from './operating-system.ts';
import { AFFINITY, type DecodedSpec, isFactField, readSpec, type SpecContext } from './spec.ts';
import { type PodStatus, statusOf } from './status.ts';
import { isTokenName, TOKEN_SUFFIX } from './token-volume.ts';
import { isWithoutFacts } from './volume.ts';
import { type Reader, readTag, skip } from './wire.ts';

/**
 * Replicas of one template differ in few bytes of their specs: the node, the name of the token volume,
 * claims and affinities of their own. Where all bytes that facts come from are those of an earlier pod
 * of the same controller, its facts are taken over as the same object, which the fold knows at once.
 */
export interface SpecTemplate {
  readonly bytes: Buffer;
  readonly fields: readonly TemplateField[];
  /** The facts of this spec; they differ in annotations and in the image ids that the status gave. */
  readonly variants: PodSpecFacts[];
  readonly serviceAccount: string;
  readonly affinityOs: DecodedSpec['affinityOs'];
}

interface TemplateField {
  readonly tag: number;
  /** Where the value is in the template's bytes, with its length prefix. */
  readonly start: number;
  readonly end: number;
  /** A volume without facts: any other such volume in its place makes no difference. */
  readonly dropped: boolean;
  /** Offsets in the value of the characters that tell token volumes apart. */
  readonly tokens: readonly number[];
}

/** A controller whose pods all differ must not fill the memory. */
const MAX_TEMPLATES = 4;
const MAX_VARIANTS = 8;
/** Bytes; a larger spec is read again for each pod. */
const LARGEST = 1 << 16;

const NODE_NAME = 10;
const VOLUMES = 1;

/** As {@link readSpec}, with the templates of the pod's controller: known ones are used, new ones kept. */
export function readReplicaSpec(
  reader: Reader,
  templates: SpecTemplate[],
  context: SpecContext,
): DecodedSpec {
  const start = reader.at;
  for (const template of templates) {
    reader.at = start;
    const nodeName = matchTemplate(reader, template, context);
    if (nodeName === undefined) continue;
    const { serviceAccount, affinityOs } = template;
    return { facts: variantOf(template, context), nodeName, serviceAccount, affinityOs, byStatus: false };
  }
  reader.at = start;
  const decoded = readSpec(reader, context);
  if (decoded.byStatus) return decoded;
  reader.at = start;
  const template = makeTemplate(reader, decoded);
  if (template.bytes.length > LARGEST) return decoded;
  templates.unshift(template);
  if (templates.length > MAX_TEMPLATES) templates.length = MAX_TEMPLATES;
  return decoded;
}

/** @returns the pod's node (null: none yet), or undefined when its spec is another one. */
function matchTemplate(
  reader: Reader,
  template: SpecTemplate,
  { caches }: SpecContext,
): string | null | undefined {
  let index = 0;
  let nodeName: string | null = null;
  let affinityOs: DecodedSpec['affinityOs'] = null;
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    if (tag >>> 3 === NODE_NAME) nodeName = caches.nodes.text(reader, tag) || null;
    else if (tag >>> 3 === AFFINITY) affinityOs = readAffinityOs(reader, tag);
    else if (!isFactField(tag >>> 3)) skip(reader, tag);
    else {
      const field = template.fields[index++];
      if (field === undefined || !sameField(reader, tag, { template, field })) return undefined;
    }
  }
  const same = index === template.fields.length && affinityOs === template.affinityOs;
  return same ? nodeName : undefined;
}

function sameField(
  reader: Reader,
  tag: number,
  { template, field }: { template: SpecTemplate; field: TemplateField },
): boolean {
  if (field.tag !== tag) return false;
  return field.dropped ? isWithoutFacts(reader, tag) : sameValue(reader, tag, { template, field });
}

/** Steps over the field; whether its bytes are those of the template but for the tokens. */
function sameValue(
  reader: Reader,
  tag: number,
  { template, field }: { template: SpecTemplate; field: TemplateField },
): boolean {
  const start = reader.at;
  skip(reader, tag);
  if (reader.at - start !== field.end - field.start) return false;
  let from = 0;
  for (const token of field.tokens) {
    if (!sameBytes(reader, start + from, { template, from: field.start + from, to: field.start + token }))
      return false;
    from = token + TOKEN_SUFFIX;
  }
  return sameBytes(reader, start + from, { template, from: field.start + from, to: field.end });
}

/** Below this a loop is faster than a call into the engine. */
const FEW = 12;

function sameBytes(
  reader: Reader,
  at: number,
  { template, from, to }: { template: SpecTemplate; from: number; to: number },
): boolean {
  if (to - from > FEW) return reader.bytes.compare(template.bytes, from, to, at, at + to - from) === 0;
  for (let index = from; index < to; index++) {
    if (template.bytes[index] !== reader.bytes[at + index - from]) return false;
  }
  return true;
}

function makeTemplate(reader: Reader, { facts, serviceAccount, affinityOs }: DecodedSpec): SpecTemplate {
  // Names may only be passed over where it is certain that they name no volume among the facts.
  const renamed = !facts.volumes.some(({ name }) => isTokenName(name));
  const values: Buffer[] = [];
  const fields: TemplateField[] = [];
  let size = 0;
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    const start = reader.at;
    if (isFactField(tag >>> 3)) {
      const dropped = tag >>> 3 === VOLUMES && isWithoutFacts(reader, tag);
      reader.at = start;
      const tokens = renamed && !dropped ? tokenMountsOf(reader, tag).map((at) => at - start) : [];
      reader.at = start;
      skip(reader, tag);
      const value = reader.bytes.subarray(start, reader.at);
      fields.push({ tag, start: size, end: size + value.length, dropped, tokens });
      values.push(value);
      size += value.length;
    } else skip(reader, tag);
  }
  return { bytes: Buffer.concat(values), fields, variants: [facts], serviceAccount, affinityOs };
}

/** The facts of a template for one pod: its containers may run another image of the same name. */
function variantOf(template: SpecTemplate, { status, mirror, annotations }: SpecContext): PodSpecFacts {
  const { variants } = template;
  for (const facts of variants) {
    const same = facts.mirror === mirror && sameAnnotations(facts.annotations, annotations ?? undefined);
    if (same && sameImages(facts, status)) return facts;
  }
  const [{ annotations: _, policyAgent, ...first }] = variants as [PodSpecFacts];
  const containers = first.containers.map((container) => ({
    ...container,
    imageId: statusOf(status, container.name)?.imageId ?? null,
  }));
  const facts: PodSpecFacts = {
    ...first,
    containers,
    mirror,
    ...annotationFacts(annotations),
    ...(policyAgent === undefined ? {} : { policyAgent }),
  };
  variants.unshift(facts);
  if (variants.length > MAX_VARIANTS) variants.length = MAX_VARIANTS;
  return facts;
}

function sameImages({ containers }: PodSpecFacts, status: PodStatus): boolean {
  for (const { name, imageId } of containers) {
    if (imageId !== (statusOf(status, name)?.imageId ?? null)) return false;
  }
  return true;
}
