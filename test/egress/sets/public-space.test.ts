import { describe, expect, it } from '@jest/globals';
import {
  type AddressSet,
  EVERYTHING,
  fromCidrs,
  NOTHING,
  portsOf,
  subtract,
} from '../../../lambda/egress/sets/address-set.ts';
import { parseAddress } from '../../../lambda/egress/sets/addresses.ts';
import { PUBLIC_SPACE, publicShare } from '../../../lambda/egress/sets/public-space.ts';

const isPublic = (text: string): boolean => {
  const address = parseAddress(text);
  return address !== null && portsOf(PUBLIC_SPACE, address).length > 0;
};
const share = (set: AddressSet) => publicShare(set, () => true);

describe('the public internet', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '223.255.255.255',
    '192.0.0.9',
    '192.0.1.0',
    '2606:4700::1',
    '2001:4860::8888',
    '2001:20::1',
  ])('the address %s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.168.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002::1',
    '3fff::1',
    '64:ff9b::1',
    '4000::',
  ])('the address %s is not public', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it('the share of the internet is one of public addresses, not of all', () => {
    expect(share(EVERYTHING)).toEqual({ ipv4: 1, ipv6: 1 });
    expect(share(NOTHING)).toEqual({ ipv4: 0, ipv6: 0 });
    expect(share(fromCidrs(['10.0.0.0/8', 'fc00::/7']))).toEqual({ ipv4: 0, ipv6: 0 });
    expect(share(subtract(EVERYTHING, fromCidrs(['10.0.0.0/8'])))).toEqual({ ipv4: 1, ipv6: 1 });
  });

  it('the share of the internet is never rounded to none or to all', () => {
    const one = share(fromCidrs(['8.8.8.8/32', '2606:4700::1/128']));
    expect([one.ipv4 > 0, one.ipv6 > 0]).toEqual([true, true]);
    const allButOne = share(subtract(EVERYTHING, fromCidrs(['8.8.8.8/32', '2606:4700::1/128'])));
    expect([allButOne.ipv4 < 1, allButOne.ipv6 < 1]).toEqual([true, true]);
  });

  it('the share of the internet halves when half of it is taken away', () => {
    // 128.0.0.0/1 holds 112 of 224 unicast /8 blocks less its private and reserved ones.
    expect(share(fromCidrs(['0.0.0.0/1'])).ipv4).toBeCloseTo(0.56, 1);
    expect(share(fromCidrs(['2000::/4'])).ipv6).toBeCloseTo(0.5, 2);
  });
});
