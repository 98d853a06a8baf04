import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import {
  type AddressList,
  createAddressCollector,
  hasEvery4,
  hasEvery6,
  isEmpty,
} from '../../lambda/inventory/pod-addresses.ts';
import { aPod } from '../support/builders.ts';

function listOf(texts: readonly string[], first?: AddressList): AddressList {
  const collector = createAddressCollector(first);
  texts.forEach(collector.add);
  return collector.list();
}

describe('a list of addresses', () => {
  test('a list of addresses is sorted, has each address once, and takes no other text', () => {
    const texts = ['10.0.0.9', 'fd00::1', '10.0.0.1', '10.0.0.9', 'x', '', '10.0.0.256', '10.0.0.1/32', '::'];
    const list = listOf([...texts, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '255.255.255.255']);
    expect([...list.v4]).toEqual([0x0a000001, 0x0a000009, 0xffffffff]);
    expect([...list.v6]).toEqual([0n, 0n, 0xfd00n << 48n, 1n, 2n ** 64n - 1n, 2n ** 64n - 1n]);
    expect(isEmpty(list)).toBe(false);
    expect(isEmpty(listOf([]))).toBe(true);
  });

  test('a list of addresses takes 4 bytes per IPv4 address and 16 per IPv6 address, however many there are', () => {
    const texts = Array.from({ length: 5000 }, (_, index) => [
      `10.${index >> 8}.0.${index & 255}`,
      `fd00::${index.toString(16)}`,
    ]).flat();
    const { v4, v6 } = listOf(texts);
    expect(v4.buffer.byteLength).toBe(4 * 5000);
    expect(v6.buffer.byteLength).toBe(16 * 5000);
  });

  test('a list covers a range exactly if it has each of its addresses', () => {
    const small = fc.integer({ min: 0, max: 24 });
    fc.assert(
      fc.property(fc.array(small), fc.array(small), small, small, (own, more, from, size) => {
        const texts = (prefix: string, numbers: readonly number[]) => numbers.map((one) => prefix + one);
        const range = Array.from({ length: size + 1 }, (_, index) => from + index);
        const expected = range.every((one) => own.includes(one) || more.includes(one));
        const v4 = listOf(texts('10.0.0.', more), listOf(texts('10.0.0.', own)));
        const begin = 0x0a000000 + from;
        expect(hasEvery4(v4, begin, begin + range.length)).toBe(expected);
        const six = (numbers: readonly number[]) => numbers.map((one) => `fd00::${one.toString(16)}`);
        const v6 = listOf(six(more), listOf(six(own)));
        const begin6 = (0xfd00n << 112n) + BigInt(from);
        expect(hasEvery6(v6, begin6, begin6 + BigInt(range.length))).toBe(expected);
      }),
      { numRuns: 300 },
    );
    // Beyond what fits into a number of this or that kind.
    expect(hasEvery4(listOf(['0.0.0.0', '255.255.255.255']), 0, 2 ** 32)).toBe(false);
    expect(hasEvery6(listOf(['::']), 0n, 1n << 128n)).toBe(false);
    expect(hasEvery6(listOf(['::ffff:ffff:ffff:ffff', '::1:0:0:0:0']), 2n ** 64n - 1n, 2n ** 64n + 1n)).toBe(
      true,
    );
  });
});

describe('the addresses of the pods and nodes of a cluster', () => {
  const folded = (podAddresses?: boolean) => {
    const fold = createPodFold({ labelKeys: new Set(), nodes: new Map(), podAddresses });
    fold.add(aPod({ addresses: ['10.0.0.7'], nodeAddresses: ['10.0.0.9', 'fd00::9'] }));
    fold.restart();
    fold.add(aPod({ name: 'b', addresses: ['10.0.0.1', 'fd00::1'] }));
    fold.add(aPod({ name: 'c', addresses: ['10.0.0.2'] }));
    fold.add(aPod({ name: 'd', nodeAddresses: ['10.0.0.9', 'fd00::9'] }));
    // Of a manifest, which was exported with its status.
    fold.add(aPod({ name: 'e', addresses: ['10.0.0.5'], source: 'template' }));
    return fold.finish(new Map());
  };

  test('addresses of pods and nodes are kept for the cluster, and are part of no class', () => {
    const { network, classes } = folded(true);
    expect([...(network.podAddresses?.v4 ?? [])]).toEqual([0x0a000001, 0x0a000002, 0x0a000009]);
    expect(network.podAddresses?.v6).toHaveLength(4);
    expect(classes.filter(({ source }) => source === 'pod')).toHaveLength(1);
    expect(JSON.stringify(classes)).not.toContain('10.0.0');
  });

  test('addresses of pods are not kept where they are not needed', () => {
    expect(folded().network).not.toHaveProperty('podAddresses');
  });
});
