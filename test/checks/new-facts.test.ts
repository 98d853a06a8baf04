import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { digestOf, firstOf } from '../../lambda/checks/new-facts.ts';
import type { Evidence } from '../../lambda/findings/finding.ts';

const newFacts = (id: string, before: Evidence, now: Evidence): readonly string[] =>
  CATALOGUE.find((check) => check.id === id)?.newFacts?.(before, now) ?? [];

const mounts = (...paths: readonly string[]): Evidence => ({
  mounts: paths.map((hostPath) => ({
    volume: 'v',
    mountPath: '/m',
    hostPath: hostPath.replace('!', ''),
    ...(hostPath.endsWith('!') ? { belowOnly: true } : {}),
  })),
});
const ports = (...open: readonly (readonly [number, number, number])[]): Evidence => ({
  ports: open.map(([port, ipv4Share, ipv6Share]) => ({ port, ipv4Share, ipv6Share })),
});
const on443 = [{ protocol: 'TCP', from: 443, to: 443 }];
const ranges = (...of: readonly (readonly [string, string, typeof on443])[]): Evidence => ({
  ranges: of.map(([from, to, ports]) => ({ from, to, ports })),
  rangeCount: of.length,
});
const hosts = (of: Readonly<Record<string, readonly number[]>>): Evidence => ({
  hosts: Object.entries(of).map(([host, ports]) => ({ host, ports })),
  hostCount: Object.keys(of).length,
});
const names = Array.from({ length: 14 }, (_, index) => `h${String(index).padStart(2, '0')}.example.com`);
const node = (tokens: string, hopLimit: number) => ({ enabled: true, tokens, hopLimit, ipv6: false });

describe('what became worse inside a finding', () => {
  test.each([
    ['a second path', mounts('/var/log'), mounts('/etc', '/var/log'), ['can also write /etc on its node']],
    ['a path below one that could be written', mounts('/var'), mounts('/var/log'), []],
    [
      'a path beside one of that beginning',
      mounts('/var'),
      mounts('/variant'),
      ['can also write /variant on its node'],
    ],
    ['the path above', mounts('/var/log'), mounts('/var'), ['can also write /var on its node']],
    ['the root of the node', mounts('/var/log'), mounts('/'), ['can also write / on its node']],
    [
      'the mount itself, which was read-only',
      mounts('/run!'),
      mounts('/run'),
      ['can also write /run on its node'],
    ],
    ['read-only now', mounts('/run'), mounts('/run!'), []],
    [
      'what is mounted below',
      mounts(),
      mounts('/run!'),
      ['can also write what is mounted below /run on its node'],
    ],
  ])('writable-host-path: %s', (_, before, now, facts) => {
    expect(newFacts('writable-host-path', before, now)).toEqual(facts);
  });

  test.each([
    [
      'another port',
      ports([80, 1, 0]),
      ports([22, 0.001, 0], [80, 1, 0]),
      ['reaches less than 1 % of public IPv4 addresses on TCP 22'],
    ],
    ['another family', ports([80, 1, 0]), ports([80, 1, 1]), ['reaches all public IPv6 addresses on TCP 80']],
    ['less', ports([22, 1, 0], [80, 1, 0]), ports([80, 0.5, 0]), []],
    [
      'another name',
      hosts({ 'a.example': [80] }),
      hosts({ 'a.example': [80], 'b.example': [80] }),
      ['reaches b.example on TCP 80'],
    ],
    [
      'another port of a name',
      hosts({ 'a.example': [80] }),
      hosts({ 'a.example': [22, 80] }),
      ['reaches a.example on TCP 22'],
    ],
  ])('egress-insecure-port: %s', (_, before, now, facts) => {
    expect(newFacts('egress-insecure-port', before, now)).toEqual(facts);
  });

  test.each([
    [
      'another range',
      ranges(['10.0.0.0', '10.0.0.255', on443]),
      ranges(['10.0.0.0', '10.0.1.255', on443]),
      ['reaches 10.0.1.0/24 on TCP 443'],
    ],
    [
      'a smaller range',
      ranges(['10.0.0.0', '10.0.1.255', on443]),
      ranges(['10.0.0.0', '10.0.0.127', on443]),
      [],
    ],
    [
      'a range that was split',
      ranges(['10.0.0.0', '10.0.0.255', on443]),
      ranges(['10.0.0.0', '10.0.0.9', on443], ['10.0.0.20', '10.0.0.255', on443]),
      [],
    ],
    [
      'another port',
      ranges(['10.0.0.0', '10.0.0.255', on443]),
      ranges(['10.0.0.0', '10.0.0.255', [...on443, { protocol: 'UDP', from: 53, to: 53 }]]),
      ['reaches 10.0.0.0/24 on UDP 53'],
    ],
    [
      'a name',
      { hosts: [], hostCount: 0 },
      { hosts: [{ host: 'a.example', ports: 'all' }], hostCount: 1 },
      ['reaches a.example on every port'],
    ],
  ])('egress-unapproved: %s', (_, before, now, facts) => {
    expect(newFacts('egress-unapproved', before, now)).toEqual(facts);
  });

  test.each([
    [
      'egress-unrestricted',
      'IPv6 too',
      { ipv4Share: 1, ipv6Share: 0 },
      { ipv4Share: 1, ipv6Share: 1 },
      ['reaches all public IPv6 addresses on every port'],
    ],
    [
      'egress-unrestricted',
      'other policies',
      { ipv4Share: 1, ipv6Share: 0, policies: ['a'] },
      { ipv4Share: 1, ipv6Share: 0, policies: [] },
      [],
    ],
    [
      'egress-package-registry',
      'another registry',
      { hosts: ['pypi.org'] },
      { hosts: ['pypi.org', 'rubygems.org'] },
      ['reaches rubygems.org'],
    ],
    [
      'egress-instance-metadata',
      'the other address',
      { addresses: ['169.254.169.254'] },
      { addresses: ['169.254.169.254', 'fd00:ec2::254'] },
      ['reaches fd00:ec2::254'],
    ],
    [
      'egress-instance-metadata',
      'nodes that ask for no token',
      { addresses: [], nodes: [node('required', 2)] },
      { addresses: [], nodes: [node('optional', 2)] },
      ['some nodes answer without a token'],
    ],
    [
      'egress-instance-metadata',
      'a higher hop limit',
      { addresses: [], nodes: [node('required', 1)] },
      { addresses: [], nodes: [node('required', 1), node('required', 2)] },
      ['some nodes have a hop limit of 2'],
    ],
    [
      'egress-instance-metadata',
      'nodes that are read now',
      { addresses: [], nodes: 'not read' },
      { addresses: [], nodes: [node('optional', 2)] },
      [],
    ],
    [
      'egress-policy-not-enforced',
      'one more policy',
      { policies: ['NetworkPolicy a/b'], reasons: ['off.'] },
      { policies: ['NetworkPolicy a/b', 'NetworkPolicy a/c'], reasons: ['off.'], pods: 9 },
      ['NetworkPolicy a/c has no effect either'],
    ],
    [
      'unbounded-empty-dir',
      'another volume',
      { volumes: ['tmp'] },
      { volumes: ['cache', 'tmp'] },
      ['volume cache has no limit either'],
    ],
    [
      'image-tag-mutable',
      'another image',
      { image: 'a/b:latest' },
      { image: 'evil.example/b:latest' },
      ['runs evil.example/b:latest and ran a/b:latest'],
    ],
    ['image-tag-mutable', 'a tag that moved on', { image: 'a/b' }, { image: 'a/b:latest' }, []],
    ...['image-too-old', 'image-digest-drifted', 'image-scan-stale', 'image-without-sbom'].flatMap(
      (id) =>
        [
          [
            id,
            'another image',
            { image: 'a/b:1' },
            { image: 'evil.example/b:1' },
            ['runs evil.example/b:1 and ran a/b:1'],
          ],
          [
            id,
            'another version',
            { image: 'a/b:1', digest: 'sha256:a' },
            { image: 'a/b:2', digest: 'sha256:b' },
            [],
          ],
        ] as const,
    ),
    [
      'image-digest-drifted',
      'a tag that was deleted',
      { tagged: 'sha256:b' },
      { tagged: null },
      ['its registry does not have the tag any more'],
    ],
    [
      'image-digest-drifted',
      'a tag that moved once more',
      { tagged: 'sha256:b' },
      { tagged: 'sha256:c' },
      [],
    ],
    ['image-digest-drifted', 'a tag that is back', { tagged: null }, { tagged: 'sha256:b' }, []],
    [
      'image-scan-stale',
      'too old for Inspector',
      { state: 'COMPLETE' },
      { state: 'SCAN_ELIGIBILITY_EXPIRED' },
      ['its image is not scanned any more'],
    ],
    [
      'image-scan-stale',
      'a result that is gone',
      { state: 'COMPLETE' },
      { state: 'NONE' },
      ['no scan of its image is known'],
    ],
    ['image-scan-stale', 'a first scan', { state: 'NONE' }, { state: 'COMPLETE' }, []],
    [
      'mesh-service-entry-risky',
      'another host',
      { hosts: ['a.example'] },
      { hosts: ['*.example', 'a.example'] },
      ['names the host *.example'],
    ],
    [
      'mesh-sidecar-bypassed',
      'another port',
      { bypasses: ['x/excludeOutboundPorts="80": traffic to port 80'] },
      { bypasses: ['x/excludeOutboundPorts="80,443": traffic to port 80,443'] },
      ['bypasses it by x/excludeOutboundPorts="80,443": traffic to port 80,443'],
    ],
    [
      'mesh-sidecar-bypassed',
      'a port less',
      { bypasses: ['x/excludeOutboundPorts="80,443": t'] },
      { bypasses: ['x/excludeOutboundPorts="80": t'] },
      [],
    ],
    [
      'mesh-sidecar-bypassed',
      'less that is redirected',
      { bypasses: ['x/includeOutboundIPRanges="10.0.0.0/8,10.1.0.0/16": t'] },
      { bypasses: ['x/includeOutboundIPRanges="10.0.0.0/8": t'] },
      ['bypasses it by x/includeOutboundIPRanges="10.0.0.0/8": t'],
    ],
    ['pod-too-old', 'another day', { oldestAgeSeconds: 1 }, { oldestAgeSeconds: 86_401 }, []],
    ['container-too-old', 'another day', { oldestAgeSeconds: 1 }, { oldestAgeSeconds: 86_401 }, []],
  ] as readonly (readonly [string, string, Evidence, Evidence, readonly string[]])[])(
    '%s: %s',
    (...[id, , before, now, facts]) => {
      expect(newFacts(id, before, now)).toEqual(facts);
      expect(newFacts(id, now, now)).toEqual([]);
      expect(newFacts(id, {}, now)).toEqual([]);
    },
  );
});

describe('evidence that holds the first of many alone', () => {
  const cut = (of: readonly string[]): Evidence => ({ ...firstOf('hosts', of, 10), hostCount: of.length });

  test('what it shows is the first items, with what tells the whole apart whatever its order', () => {
    expect(firstOf('hosts', ['b', 'a', 'c'], 2)).toEqual({
      hosts: ['b', 'a'],
      hostsDigest: digestOf(['c', 'b', 'a']),
    });
    expect(firstOf('hosts', ['b', 'a'], 2)).toEqual({ hosts: ['b', 'a'] });
  });

  test.each([
    ['the same names', names, names, []],
    [
      'a name in place of one that is not shown',
      names,
      [...names.slice(0, 13), 'z.example.com'],
      ['other names than before, of which evidence holds the first alone'],
    ],
    ['so few that all are shown, and were', names, names.slice(0, 5), []],
    [
      'more than it can show',
      names.slice(0, 9),
      names,
      ['reaches h09.example.com', 'more names than evidence holds'],
    ],
  ])('%s', (_, before, now, facts) => {
    expect(newFacts('egress-package-registry', cut(before), cut(now))).toEqual(facts);
  });

  test('of an earlier version that had no digest, its count tells that there are more', () => {
    const before = { hosts: names.slice(0, 10), hostCount: 14 };
    expect(newFacts('egress-package-registry', before, cut(names))).toEqual([]);
    expect(newFacts('egress-package-registry', before, cut([...names, 'z.example.com']))).toEqual([
      'more names than before',
    ]);
  });
});

test('a check without such facts has been thought about', () => {
  const without = CATALOGUE.filter((check) => check.newFacts === undefined).map(({ id }) => id);
  expect(without).toEqual([
    // Ages grow every day.
    'pod-too-old',
    'container-too-old',
    // There is nothing more in them than that they are so.
    'writable-root-filesystem',
    // Growth is said by its own fields, and it is never apart.
    'writable-layer-drifted',
    'egress-host-network',
    'mesh-allows-any',
    // What of its three facts can grow is the reach, which egress-package-registry says.
    'runtime-library-update',
  ]);
});
