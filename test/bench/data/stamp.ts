import { varint } from '../encoding/encode.ts';
import { instant } from './placeholders.ts';

export type Encoding = 'json' | 'protobuf';

/** A place in a template, and what goes there. */
export interface Slot<Name extends string> {
  readonly name: Name;
  readonly at: number;
}

/** Every place where a placeholder stands. @throws Error when one stands nowhere that must. */
export function findSlots<Name extends string>(
  bytes: Buffer,
  placeholders: Readonly<Record<Name, string>>,
): readonly Slot<Name>[] {
  return (Object.entries(placeholders) as [Name, string][]).flatMap(([name, placeholder]) => {
    const slots: Slot<Name>[] = [];
    for (
      let at = bytes.indexOf(placeholder, 0, 'latin1');
      at >= 0;
      at = bytes.indexOf(placeholder, at + 1, 'latin1')
    ) {
      slots.push({ name, at });
    }
    return slots;
  });
}

/** Fills in values, bytes as characters, each as long as its placeholder. */
export function stamp<Name extends string>(
  target: Buffer,
  offset: number,
  { slots, values }: { slots: readonly Slot<Name>[]; values: Readonly<Record<Name, string>> },
): void {
  for (const { name, at } of slots) target.write(values[name], offset + at, 'latin1');
}

/**
 * A time as it stands in an object, bytes as characters: RFC 3339, or a Time message's seconds and nanos,
 * whose length does not change before the year 3058.
 */
export function timeText(milliseconds: number, encoding: Encoding): string {
  if (encoding === 'json') return instant(milliseconds);
  return Buffer.from([0x08, ...varint(Math.floor(milliseconds / 1000)), 0x10, 0x00]).toString('latin1');
}
