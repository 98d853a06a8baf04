import { describe, expect, test } from '@jest/globals';
import { gzipLines } from '../../lambda/store/gzip.ts';
import { inventorySpool } from '../../lambda/store/inventory-spool.ts';
import { isRepeatable } from '../../lambda/store/store.ts';

describe('pieces of an object', () => {
  test('pieces of an object can be read again when they are a list or an inventory', () => {
    expect(isRepeatable([Buffer.from('x')])).toBe(true);
    expect(isRepeatable(inventorySpool().chunks())).toBe(true);
  });

  test('parts that are created while they are sent cannot be repeated', () => {
    async function* made(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
    }
    expect(isRepeatable(gzipLines(['x\n']))).toBe(false);
    expect(isRepeatable(made())).toBe(false);
  });
});
