import { MalformedObject } from '../../fields.ts';
import { REPLICA, type ReplicaFields, TEMPLATE, type TemplateFacts, templateFacts } from '../facts/spec.ts';
import type { Caches } from './caches.ts';
import type { Reader } from './wire.ts';

/**
 * The spec that the reader is over.
 * @throws MalformedObject
 */
export function readTemplate(
  reader: Reader,
  caches: Caches,
): { readonly facts: TemplateFacts; readonly replica: ReplicaFields } {
  const start = reader.at;
  const template = TEMPLATE.fresh();
  TEMPLATE.readInto(reader, template, caches);
  reader.at = start;
  const replica = REPLICA.fresh();
  REPLICA.readInto(reader, replica, caches);
  return { facts: templateFacts(template, withoutName), replica };
}

/** The API server demands names of containers. */
function withoutName(place: string): never {
  throw new MalformedObject(`spec.${place}.name is missing`);
}
