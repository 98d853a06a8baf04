import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDestination } from '../../../lambda/egress/answers/destination.ts';
import { printPorts } from '../../../lambda/egress/sets/port-set.ts';
import { externalRanges } from '../../../lambda/egress/sets/printed.ts';
import { portsText, rangeText } from '../../../lambda/egress/sets/words.ts';

function read(text: string): string {
  const found = parseDestination(text);
  if (typeof found === 'string') return `wrong: ${found}`;
  const where =
    found.addresses === null
      ? `name ${found.name}`
      : externalRanges(found.addresses)
          .map((range) => rangeText(range))
          .join();
  return `${where} ${portsText(printPorts(found.ports))}`;
}

describe('a destination', () => {
  test.each([
    ['8.8.8.8:443', '8.8.8.8 TCP 443'],
    ['8.8.8.8', '8.8.8.8 every port'],
    ['8.8.8.8:53/udp', '8.8.8.8 UDP 53'],
    ['8.8.8.8:/SCTP', '8.8.8.8 SCTP every port'],
    ['203.0.113.0/24:8000-8999', '203.0.113.0/24 TCP 8000-8999'],
    ['203.0.113.0/24:443/UDP', '203.0.113.0/24 UDP 443'],
    ['203.0.113.7/24', '203.0.113.0/24 every port'],
    ['2001:db8::1', '2001:db8::1 every port'],
    ['2001:db8::/32', '2001:db8::/32 every port'],
    ['[2001:db8::1]:443', '2001:db8::1 TCP 443'],
    ['[2001:db8::/32]:53/UDP', '2001:db8::/32 UDP 53'],
    ['[2001:db8::1]', '2001:db8::1 every port'],
    ['api.example.com:443', 'name api.example.com TCP 443'],
    ['api.example.com', 'name api.example.com every port'],
    ['localhost:80', 'name localhost TCP 80'],
  ])('the destination %s is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    '',
    ':443',
    '8.8.8.8:0',
    '8.8.8.8:70000',
    '8.8.8.8:90-80',
    '8.8.8.8:https',
    '8.8.8.8:443/ICMP',
    '8.8.8.8:',
    '8.8.8.999:443',
    '8.8.8.0/33:443',
    '2001:db8::zz',
    'https://example.com',
    '*.example.com:443',
    'a b:443',
    '[2001:db8::1]443',
    'evil\u001b[2J:443',
  ])('%j is no destination, and the error says why', (text) => {
    expect(read(text)).toMatch(/^wrong: it/);
  });

  test('a destination is read or refused, whatever the text is', () => {
    const piece = fc.constantFrom('[', ']', ':', '/', '-', '.', '*', '::', '8.8.8.8', '443', 'udp', 'a.b');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((parts) => parts.join('')),
    );
    fc.assert(fc.property(text, (one) => expect(typeof read(one)).toBe('string')));
  });
});
