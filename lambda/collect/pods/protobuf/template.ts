import type { PodSpecFacts } from '../../../inventory/pod.ts';
import { EPHEMERAL_CONTAINER, tokenMountsOf } from '../facts/container.ts';
import {
  hasSpecFacts,
  type OfReplica,
  REPLICA,
  type ReplicaFields,
  specFacts,
  TEMPLATE,
  type TemplateFacts,
} from '../facts/spec.ts';
import { isWithoutFacts } from '../facts/volume.ts';
import type { Caches } from './caches.ts';
import { readTemplate } from './spec.ts';
import { isTokenName, TOKEN_SUFFIX } from './token-volume.ts';
import { type Reader, readMessage, readTag, skip } from './wire.ts';

/**
 * Replicas of one template differ in few bytes of their specs: the node, the name of the token volume,
 * claims and affinities of their own. Where all bytes that the facts of a template come from are those of an earlier
 * pod of the same controller, its facts are taken over as the same object, which the fold knows at once.
 */
export interface SpecTemplate {
  readonly bytes: Buffer;
  readonly fields: readonly TemplateField[];
  readonly facts: TemplateFacts;
  /** What became of them in single pods: the facts of the replica beside them. */
  readonly variants: PodSpecFacts[];
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

/** What is known of a pod before its spec is read. */
export type Known = Omit<OfReplica, 'affinity'>;

export interface DecodedSpec {
  readonly facts: PodSpecFacts;
  readonly replica: ReplicaFields;
  readonly serviceAccount: string;
}

/**
 * The spec that the reader is over, with the templates of the pod's controller: known ones are used, new ones kept.
 * @param templates `null` where the pod is no replica of others
 */
export function readReplicaSpec(
  reader: Reader,
  templates: SpecTemplate[] | null,
  { caches, known }: { readonly caches: Caches; readonly known: Known },
): DecodedSpec {
  const start = reader.at;
  for (const template of templates ?? []) {
    reader.at = start;
    const replica = matchTemplate(reader, template, caches);
    if (replica === undefined) continue;
    const { serviceAccount } = template.facts;
    return { facts: variantOf(template, { ...known, affinity: replica.affinity }), replica, serviceAccount };
  }
  reader.at = start;
  const { facts: read, replica } = readTemplate(reader, caches);
  const facts = specFacts(read, { ...known, affinity: replica.affinity });
  const decoded = { facts, replica, serviceAccount: read.serviceAccount };
  if (templates === null) return decoded;
  reader.at = start;
  const template = makeTemplate(reader, read, facts);
  if (template.bytes.length > LARGEST) return decoded;
  templates.unshift(template);
  if (templates.length > MAX_TEMPLATES) templates.length = MAX_TEMPLATES;
  return decoded;
}

/** @returns the fields of the pod alone, or undefined when its spec is another one. */
function matchTemplate(reader: Reader, template: SpecTemplate, caches: Caches): ReplicaFields | undefined {
  const replica = REPLICA.fresh();
  let index = 0;
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    if (TEMPLATE.has(tag >>> 3)) {
      const field = template.fields[index++];
      if (field === undefined || !sameField(reader, tag, { template, field })) return undefined;
    } else if (!REPLICA.readField(reader, tag, replica, caches)) skip(reader, tag);
  }
  return index === template.fields.length ? replica : undefined;
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

function makeTemplate(reader: Reader, read: TemplateFacts, facts: PodSpecFacts): SpecTemplate {
  // Names may only be passed over where it is certain that they name no volume among the facts.
  const renamed = !facts.volumes.some(({ name }) => isTokenName(name));
  const values: Buffer[] = [];
  const fields: TemplateField[] = [];
  let size = 0;
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    const start = reader.at;
    if (TEMPLATE.has(tag >>> 3)) {
      const dropped = tag >>> 3 === TEMPLATE.numbers.volumes && isWithoutFacts(reader, tag);
      reader.at = start;
      const tokens = renamed && !dropped ? tokensIn(reader, tag).map((at) => at - start) : [];
      reader.at = start;
      skip(reader, tag);
      const value = reader.bytes.subarray(start, reader.at);
      fields.push({ tag, start: size, end: size + value.length, dropped, tokens });
      values.push(value);
      size += value.length;
    } else skip(reader, tag);
  }
  return { bytes: Buffer.concat(values), fields, facts: read, variants: [facts] };
}

const TOKENS = { isToken: isTokenName, suffix: TOKEN_SUFFIX };

/** Where the names of token volumes are in a field of a PodSpec. */
function tokensIn(reader: Reader, tag: number): readonly number[] {
  const { containers, initContainers, ephemeralContainers } = TEMPLATE.numbers;
  switch (tag >>> 3) {
    case containers:
    case initContainers:
      return tokenMountsOf(reader, tag, TOKENS);
    case ephemeralContainers: {
      const found: number[] = [];
      readMessage(reader, tag, (inner) => {
        if (inner >>> 3 !== EPHEMERAL_CONTAINER.numbers.ephemeralContainerCommon) return false;
        found.push(...tokenMountsOf(reader, inner, TOKENS));
        return true;
      });
      return found;
    }
    default:
      return [];
  }
}

/** The facts of one pod: as the same object as those of an earlier one, where they are the same. */
function variantOf({ facts: template, variants }: SpecTemplate, replica: OfReplica): PodSpecFacts {
  for (const facts of variants) {
    if (hasSpecFacts(facts, template, replica)) return facts;
  }
  const facts = specFacts(template, replica);
  variants.unshift(facts);
  if (variants.length > MAX_VARIANTS) variants.length = MAX_VARIANTS;
  return facts;
}
