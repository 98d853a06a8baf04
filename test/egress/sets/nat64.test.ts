import { describe, expect, test } from '@jest/globals';
import { egressOf, NO_CONFIG, viewOf } from '../support/build.ts';

const to = (cidr: string, port: number) =>
  egressOf({ to: [{ ipBlock: { cidr } }], ports: [{ protocol: 'TCP', port }] });

/** RFC 6052 section 2.1: the last 32 bits of 64:ff9b::/96 are an IPv4 address. */
describe('NAT64 is the IPv4 internet', () => {
  test('NAT64 is the IPv4 internet as a whole and in part', () => {
    expect(viewOf([to('64:ff9b::/96', 443)]).internetOn(443)).toEqual({ ipv4: 1, ipv6: 0 });
    const half = viewOf([to('64:ff9b::/97', 80)]).internetOn(80);
    expect(half.ipv4).toBeGreaterThan(0.4);
    expect(half.ipv4).toBeLessThan(0.6);
    expect(viewOf([to('64:ff9b::c633:6407/128', 22)]).internetOn(22).ipv4).toBe(0);
    expect(viewOf([to('64:ff9b::808:808/128', 22)]).internetOn(22).ipv4).toBeGreaterThan(0);
  });

  test('what is approved of IPv4 is approved behind NAT64', () => {
    const approved = [
      { name: 'dns', cidrs: ['8.8.8.8/32'], hosts: [], awsService: null, ports: [443], protocols: null },
    ];
    const view = viewOf([to('64:ff9b::808:808/128', 443)], {}, { ...NO_CONFIG, approved });
    expect(view.internetOn(443).ipv4).toBe(0);
    expect(view.unapproved().rangeCount).toBe(0);
  });

  test('NAT64 leads to no link-local address', () => {
    const view = viewOf([to('64:ff9b::a9fe:a9fe/128', 80)]);
    expect(view.reaches('169.254.169.254', 80)).toBe(false);
    expect(view.unapproved().rangeCount).toBe(1);
  });
});
