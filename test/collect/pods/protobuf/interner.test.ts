import { expect, test } from '@jest/globals';
import { createInterner } from '../../../../lambda/collect/pods/protobuf/interner.ts';
import { readerOf, readTag } from '../../../../lambda/collect/pods/protobuf/wire.ts';
import { bytesField } from '../../../bench/encoding/encode.ts';

test('a shared text equals its bytes, whatever was read before', () => {
  const interner = createInterner(64);
  const intern = (bytes: Buffer): string => {
    const reader = readerOf(bytesField(1, bytes));
    return interner.text(reader, readTag(reader));
  };
  // Every text of two characters beyond ASCII, and the bytes that have the numbers of its characters:
  // enough for some to share a slot.
  for (let first = 0x80; first < 0x100; first++) {
    for (let second = 0x80; second < 0x100; second++) {
      const text = String.fromCharCode(first, second);
      expect(intern(Buffer.from(text))).toBe(text);
      const bytes = Buffer.from([first, second]);
      if (intern(bytes) !== bytes.toString('utf8'))
        throw new Error(`${first} ${second} were read as other text`);
    }
  }
});

test('long texts that differ in one character are distinct', () => {
  const interner = createInterner(64);
  for (let at = 0; at < 200; at++) {
    const text = `${'x'.repeat(at)}y${'x'.repeat(199 - at)}`;
    const reader = readerOf(bytesField(1, Buffer.from(text)));
    expect(interner.text(reader, readTag(reader))).toBe(text);
  }
});
