import type { PodRecord } from '../../../inventory/pod.ts';
import { list, MalformedObject } from '../../fields.ts';
import type { Caches } from '../protobuf/caches.ts';
import { endOfRun, type Reader, readTag, skip } from '../protobuf/wire.ts';
import { boolean, ownText } from './kinds.ts';
import { type Field, message } from './message.ts';

const OWNER_REFERENCE = message({
  kind: ownText(1),
  name: ownText(3),
  apiVersion: ownText(5),
  controller: boolean(6),
});

type OwnerReference = ReturnType<typeof OWNER_REFERENCE.fresh>;

type Owner = PodRecord['owner'];

/** The one owner reference with `controller: true`; garbage collection owners without it own no pods. */
export function controllerIn(references: unknown, path: string): Owner {
  for (const [index, entry] of list(references, path).entries()) {
    const reference = OWNER_REFERENCE.fromJson(entry, `${path}[${index}]`);
    if (reference.controller === true) return asOwner(reference, `${path}[${index}]`);
  }
  return null;
}

export const controller = (number: number): Field<Owner> => ({
  number,
  absent: null,
  fromJson: controllerIn,
  fromProtobuf(reader, tag, caches, before = null) {
    if (before === null) return ownerFrom(reader, caches);
    skip(reader, tag);
    return before;
  },
});

/** Replicas get one and the same object. */
function ownerFrom(reader: Reader, caches: Caches): Owner {
  const { tagAt: start } = reader;
  const again = caches.owners.again(reader, start);
  if (again !== undefined) return again;
  const end = endOfRun(reader, start);
  const known = caches.owners.find(reader.bytes, start, end);
  if (known !== undefined) {
    reader.at = end;
    return known;
  }
  reader.at = start;
  let owner: Owner = null;
  for (let index = 0; reader.at < end; index++) {
    const reference = OWNER_REFERENCE.fromProtobuf(reader, readTag(reader), caches);
    if (owner === null && reference.controller === true)
      owner = asOwner(reference, `metadata.ownerReferences[${index}]`);
  }
  return owner === null ? null : caches.owners.keep(reader.bytes, start, end, owner);
}

function asOwner({ apiVersion, kind, name }: OwnerReference, path: string): NonNullable<Owner> {
  const owner = { apiVersion, kind, name };
  for (const [field, value] of Object.entries(owner)) {
    if (value === '') throw new MalformedObject(`${path}.${field} is missing`);
  }
  return owner;
}
