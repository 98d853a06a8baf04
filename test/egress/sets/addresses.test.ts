import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAddress, parseCidr, printIpv4, printIpv6 } from '../../../lambda/egress/sets/addresses.ts';
import { printSpan } from '../../../lambda/egress/sets/printed.ts';
import { edgesOf } from '../brute-force.ts';
import { ipBlock } from '../support/arbitraries.ts';

const block = (text: string): string | null => {
  const span = parseCidr(text);
  if (span === null) return null;
  const { from, to } = printSpan(span);
  return `${from}-${to}`;
};

describe('CIDR blocks are read as Kubernetes reads them', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0-10.255.255.255'],
    ['10.1.2.3/8', '10.0.0.0-10.255.255.255'],
    ['0.0.0.0/0', '0.0.0.0-255.255.255.255'],
    ['255.255.255.255/32', '255.255.255.255-255.255.255.255'],
    ['128.0.0.0/1', '128.0.0.0-255.255.255.255'],
    ['010.0.0.0/8', '10.0.0.0-10.255.255.255'],
    ['10.0.0.0/08', '10.0.0.0-10.255.255.255'],
    ['::/0', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::1/32', '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:0DB8:0:0:0:0:0:1/128', '2001:db8::1-2001:db8::1'],
    ['00001::/16', '1::-1:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::ffff:10.0.0.0/104', '10.0.0.0-10.255.255.255'],
    ['::ffff:0:0/96', '0.0.0.0-255.255.255.255'],
    ['::ffff:10.0.0.0/95', '::fffe:0:0-::ffff:ffff:ffff'],
  ])('%s', (text, expected) => {
    expect(block(text)).toBe(expected);
  });

  it.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0/8',
    '10.0.0.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/+8',
    '10.0.0.0/8 ',
    ' 10.0.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.256/8',
    '0x0a.0.0.0/8',
    '1e1.0.0.0/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/000000008',
    '::/129',
    ':::/0',
    '1::2::3/64',
    '1:2:3:4:5:6:7:8:9/64',
    '1:2:3:4:5:6:7::8:9/64',
    'fe80::1%eth0/64',
    '::ffff:10.0.0/104',
    'example.com/8',
    '١0.0.0.0/8',
  ])('%j is no CIDR block', (text) => {
    expect(block(text)).toBeNull();
  });

  it('a CIDR block covers exactly the first to the last address of its prefix', () => {
    fc.assert(
      fc.property(ipBlock, ({ cidr }) => {
        const span = parseCidr(cidr);
        const inside = edgesOf(cidr).filter((address) => {
          const at = parseAddress(address);
          return (
            at?.family === span?.family && !!at && !!span && span.from <= at.value && at.value < span.end
          );
        });
        const [low, high] = [inside[0], inside.at(-1)].map((address) => parseAddress(address ?? '')?.value);
        expect(inside.length).toBe(2);
        expect([low, high]).toEqual([span?.from, span && (span.family === 4 ? span.end - 1 : span.end - 1n)]);
      }),
    );
  });

  it('a CIDR block is not read from any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^[0-9a-fA-F.:]+\/\d+$/.test(text));
        expect(parseCidr(text)).toBeNull();
      }),
    );
  });
});

describe('addresses', () => {
  it('an IPv4-mapped IPv6 address is the IPv4 address', () => {
    expect(parseAddress('::ffff:169.254.169.254')).toEqual(parseAddress('169.254.169.254'));
  });

  it('addresses print what they parse', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (value) => {
        expect(parseAddress(printIpv4(value))).toEqual({ family: 4, value });
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0x1_0000_0000_0000n, max: (1n << 128n) - 1n }), (value) => {
        expect(parseAddress(printIpv6(value))).toEqual({ family: 6, value });
      }),
    );
  });

  it.each(['', 'x', '1.2.3', '1.2.3.4/32', '::1%lo', 'localhost'])('%j is no address', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});
