import { describe, expect, it } from '@jest/globals';
import { checkConfig, formatProblem } from '../../lambda/config/load.ts';

const CHECKS = [
  'pod-too-old',
  'container-too-old',
  'image-tag-mutable',
  'egress-insecure-port',
  'writable-root-filesystem',
  'egress-unrestricted',
  'unbounded-empty-dir',
  'writable-host-path',
  'egress-host-network',
  'egress-package-registry',
  'debug-container-attached',
  'runtime-library-update',
  'egress-instance-metadata',
];

/** What a person reads who wrote the file on the left: `line:column: path: message`. */
const said = (text: string): readonly string[] =>
  checkConfig(text, CHECKS).problems.map((problem) => formatProblem(problem, 'f').slice(2));

const A_DURATION = 'write a duration such as 30d, 24h or 1d12h.';
const A_SIZE = 'write a size as in Kubernetes, such as 10Mi, 512Ki or 1G, or a whole number of bytes.';

describe('a configuration that accepts everything in a roundabout way', () => {
  it.each([
    'egress: { approved: [{ name: a, cidrs: [0.0.0.0/1, 128.0.0.0/1] }] }',
    'egress: { approved: [{ name: a, cidr: 128.0.0.0/1 }, { name: b, cidrs: [64.0.0.0/2, 0.0.0.0/2] }] }',
    'egress: { approved: [{ name: a, cidrs: [1.0.0.0/8, 2.0.0.0/7, 4.0.0.0/6, 8.0.0.0/5, 16.0.0.0/4, 32.0.0.0/3, 64.0.0.0/2, 128.0.0.0/2, 192.0.0.0/3] }] }',
  ])('blocks that are the internet together: %s', (text) => {
    expect(said(text)).toEqual([
      '1:21: egress.approved: approves every port of every address of the internet (IPv4), by its blocks together; add ports, or list only the blocks that you mean.',
    ]);
  });

  it('one block that is the internet of IPv6', () => {
    expect(said('egress: { approved: [{ name: a, cidr: "2000::/3" }] }')).toEqual([
      '1:21: egress.approved: approves every port of every address of the internet (IPv6), by its blocks together; add ports, or list only the blocks that you mean.',
    ]);
  });

  it.each([
    'cidrs: [0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/4]',
    'cidrs: [0.0.0.0/1, 128.0.0.0/1], ports: [443]',
    'cidrs: [10.0.0.0/8, "2001:db8::/32"]',
  ])('blocks that leave something out, or ports, are a choice: %s', (entry) => {
    expect(said(`egress: { approved: [{ name: a, ${entry} }] }`)).toEqual([]);
  });

  it('a block that is wrong is said, whatever the others hold', () => {
    const approved = '[{ name: a, cidrs: [0.0.0.0/1, 128.0.0.0/1] }, { name: b, cidr: 10.0.0.0/33 }]';
    expect(said(`egress: { approved: ${approved} }`)).toContainEqual(
      expect.stringContaining('"10.0.0.0/33" has a wrong prefix length'),
    );
  });

  it.each(['"?*"', '"*?"', '"*?*"'])('an exclusion of every namespace: %s', (pattern) => {
    expect(said(`namespaces: { exclude: [${pattern}] }`)).toEqual([
      expect.stringContaining('would exclude every namespace'),
    ]);
  });

  it.each(['namespace: "?*"', 'cluster: "*?"', 'workload: "?*/*"', 'container: "?*", namespace: "*"'])(
    'an exemption of every finding: %s',
    (where) => {
      const rest = 'reason: r, owner: o, expires: 2027-01-01';
      expect(said(`exemptions: [{ check: "*", ${where}, ${rest} }]`)).toEqual([
        expect.stringContaining('accepts every finding of every workload'),
      ]);
    },
  );
});

describe('limits that are wrong', () => {
  it.each(['0', '-1', '1.5', 'abc', '1e400'])('a number of files that is none: %s', (value) => {
    expect(said(`limits: { writableLayerMaxInodes: ${value} }`)).toEqual([
      expect.stringMatching(/writableLayerMaxInodes: must be a whole number from 1 on, or off, not /),
    ]);
  });

  it.each([
    ['podMaxAge: 30', `podMaxAge: the number 30 has no unit; ${A_DURATION}`],
    ['podMaxAge: "30"', `podMaxAge: "30" has no unit; ${A_DURATION}`],
    ['podMaxAge: 0d', `podMaxAge: "0d" is zero, which everything exceeds; ${A_DURATION}`],
    ['podMaxAge: -1d', `podMaxAge: "-1d" is negative; ${A_DURATION}`],
    ['podMaxAge: [1d]', 'podMaxAge: must be a duration such as 30d, 24h or 1d12h, not a list.'],
    ['podMaxAge: 99999w', `podMaxAge: "99999w" is longer than 100 years; ${A_DURATION}`],
    [
      'writableLayerMaxBytes: 10MB',
      `writableLayerMaxBytes: "10MB" has the unit MB, which Kubernetes writes M; ${A_SIZE}`,
    ],
    ['writableLayerMaxBytes: 9Ei', `writableLayerMaxBytes: "9Ei" is larger than 8 PiB; ${A_SIZE}`],
    [
      'writableLayerMaxBytes: 0Mi',
      `writableLayerMaxBytes: "0Mi" is zero, which every container exceeds; ${A_SIZE}`,
    ],
    [
      'writableLayerMaxBytes: 1.5',
      `writableLayerMaxBytes: ${A_SIZE.replace('write', 'must be').replace('.', '')}, not the number 1.5.`,
    ],
  ])('the wrong limit %s is refused with a reason', (line, message) => {
    expect(said(`limits:\n  ${line}`)).toEqual([`2:${line.indexOf(':') + 5}: limits.${message}`]);
  });

  it('an error about a key without a value is shown at the key', () => {
    expect(said('limits:\n  podMaxAge:\n')).toEqual([
      '2:3: limits.podMaxAge: has no value; it must be a duration such as 30d, 24h or 1d12h.',
    ]);
  });
});

describe('overrides that are wrong', () => {
  it.each([
    [
      '{ podMaxAge: 1d }',
      ': limits.overrides[0].match: is required: a mapping with clusters, namespaces, kinds or labels.',
    ],
    [
      '{ match: {}, podMaxAge: 1d }',
      '.match: matches everything; name clusters, namespaces, kinds or labels, or set the limit itself.',
    ],
    [
      '{ match: { labels: {} }, podMaxAge: 1d }',
      '.match: matches everything; name clusters, namespaces, kinds or labels, or set the limit itself.',
    ],
    [
      '{ match: { namespaces: [a] } }',
      'overrides[0]: sets no limit; add one of podMaxAge, containerMaxAge, imageMaxAge, writableLayerMaxBytes, writableLayerMaxInodes, scanMaxAge.',
    ],
    [
      '{ match: { namespaces: pay }, podMaxAge: 1d }',
      '.match.namespaces: must be a list of names or patterns such as ["prod-*"], not "pay".',
    ],
    [
      '{ match: { namespaces: [] }, podMaxAge: 1d }',
      '.match.namespaces: is empty; leave it out to match everything.',
    ],
    [
      '{ match: { namespaces: [a b] }, podMaxAge: 1d }',
      '.namespaces[0]: "a b" is not a pattern; write 1 to 256 characters without spaces, * for any characters and ? for one.',
    ],
    [
      '{ match: { kinds: [deployment] }, podMaxAge: 1d }',
      '.kinds[0]: "deployment" is not written like a kind; begin it with a capital letter as manifests do, such as Deployment or StatefulSet.',
    ],
    [
      '{ match: { labels: { x/y: true } }, podMaxAge: 1d }',
      '.match.labels["x/y"]: must be the value of a label or a pattern with *, not true; put it in quotes.',
    ],
    [
      '{ namespaces: [a], match: { kinds: [Job] }, podMaxAge: 1d }',
      '[0].namespaces: is not known here; it belongs under limits.overrides[0].match.',
    ],
  ])('the wrong override %s is refused with a reason', (entry, message) => {
    expect(said(`limits: { overrides: [${entry}] }`)).toEqual([expect.stringContaining(message)]);
  });
});

describe('keys that are not known', () => {
  it.each([
    ['presets: strict', '1:1: presets: is not a known key; did you mean "preset"?'],
    [
      'exemption-annotations: true',
      '1:1: exemption-annotations: is not a known key; did you mean "exemptionAnnotations"?',
    ],
    ['podMaxAge: 3d', '1:1: podMaxAge: is not known here; it belongs under limits.'],
    ['digest: { preset: strict }', '1:11: digest.preset: is not known here; it belongs at the top level.'],
    ['measure: { podMaxAge: 1d }', '1:12: measure.podMaxAge: is not known here; it belongs under limits.'],
    ['digest: { to: x@example.com }', '1:11: digest.to: is not a known key; did you mean "top"?'],
    [
      'measure: { everything: 1 }',
      '1:12: measure.everything: is not a known key; known are writableLayer, roleName.',
    ],
    ['<<: {}', '1:1: ["<<"]: is a merge key of YAML 1.1, which is not supported; write the keys out.'],
    [
      '"a b": 1',
      '1:1: ["a b"]: is not a known key; known are preset, clusters, namespaces, accounts, organization, limits, checks, egress, managed, owners, images, measure, exemptions, acceptedGaps, exemptionAnnotations, digest, deployment.',
    ],
  ])('the unknown key %s is refused with a reason', (text, message) => {
    expect(said(text)).toEqual([message]);
  });
});

describe('checks that are wrong', () => {
  it.each([
    ['pod-to-old: high', 'checks.pod-to-old: is not the id of a check; did you mean "pod-too-old"?'],
    ['podTooOld: high', 'checks.podTooOld: is not the id of a check; did you mean "pod-too-old"?'],
    ['nonsense: off', 'checks.nonsense: is not the id of a check; eks-drift-audit checks lists them.'],
    [
      'pod-too-old: on',
      'checks.pod-too-old: has no severity; write one of critical, high, medium, low, or remove the line for the default.',
    ],
    [
      'pod-too-old: true',
      'checks.pod-too-old: has no severity; write one of critical, high, medium, low, or remove the line for the default.',
    ],
    [
      'pod-too-old: warning',
      'checks.pod-too-old: must be one of critical, high, medium, low, off, not "warning".',
    ],
    ['pod-too-old: High', 'checks.pod-too-old: must be one of critical, high, medium, low, off, not "High".'],
    ['pod-too-old:', 'checks.pod-too-old: has no value; it must be one of critical, high, medium, low, off.'],
  ])('the wrong check setting %s is refused with a reason', (line, message) => {
    expect(said(`checks:\n  ${line}`)).toEqual([expect.stringContaining(message)]);
  });
});

describe('approved destinations that are wrong', () => {
  it.each([
    ['name: a', ': names no destination; give exactly one of cidr, cidrs, hosts and awsService.'],
    [
      'name: a, cidr: 203.0.113.0/24, hosts: [a.example.com]',
      ': has cidr and hosts; give exactly one of cidr, cidrs, hosts and awsService.',
    ],
    ['cidr: 203.0.113.0/24', '.name: is required: a name for the destination.'],
    [
      'name: a, cidr: 203.0.113.7/24',
      '.cidr: "203.0.113.7/24" does not begin at the first address of its block; write 203.0.113.0/24, or 203.0.113.7/32 for this one address.',
    ],
    [
      'name: a, cidr: 2001:db8::1/32',
      '.cidr: "2001:db8::1/32" does not begin at the first address of its block; write 2001:db8::/32, or 2001:db8::1/128 for this one address.',
    ],
    [
      'name: a, cidr: 203.0.113.7',
      '.cidr: "203.0.113.7" has no prefix length; write 203.0.113.7/32 for this one address.',
    ],
    [
      'name: a, cidr: 203.0.113.0/33',
      '.cidr: "203.0.113.0/33" has a wrong prefix length; it must be from 0 to 32.',
    ],
    [
      'name: a, cidr: 203.0.113.0/024',
      '.cidr: "203.0.113.0/024" has a wrong prefix length; it must be from 0 to 32.',
    ],
    [
      'name: a, cidr: 10.0.0/8',
      '.cidr: "10.0.0/8" is not a CIDR block; write one such as 203.0.113.0/24 or 2001:db8::/32.',
    ],
    [
      'name: a, cidr: 0.0.0.0/0',
      ': approves every port of every address by 0.0.0.0/0; add ports, or list the blocks that you mean.',
    ],
    [
      'name: a, cidrs: ["::/0"]',
      ': approves every port of every address by ::/0; add ports, or list the blocks that you mean.',
    ],
    [
      'name: a, hosts: ["https://x.example.com"]',
      '.hosts[0]: "https://x.example.com" is a URL; write only the host name, such as api.example.com.',
    ],
    ['name: a, hosts: ["*"]', '.hosts[0]: "*" matches every host; list the domains that you mean.'],
    [
      'name: a, hosts: [X.example.com]',
      '.hosts[0]: "X.example.com" has capital letters; write "x.example.com".',
    ],
    [
      'name: a, hosts: [203.0.113.7]',
      '.hosts[0]: "203.0.113.7" is an IP address; list it under cidrs, as a block.',
    ],
    [
      'name: a, hosts: ["x.example.com:443"]',
      '.hosts[0]: "x.example.com:443" has a port; list ports under ports.',
    ],
    ['name: a, hosts: [x.example.com.]', '.hosts[0]: "x.example.com." ends with a dot; leave it out.'],
    [
      'name: a, hosts: ["x.*.com"]',
      '.hosts[0]: "x.*.com" is not a host name; write one such as api.example.com or *.example.com.',
    ],
    [
      'name: a, hosts: api.example.com',
      '.hosts: must be a list such as ["api.example.com"], not "api.example.com".',
    ],
    [
      'name: a, awsService: com.amazonaws.eu-west-1.s3',
      '.awsService: "com.amazonaws.eu-west-1.s3" is not the name of an AWS service; write the end of its VPC endpoint name, such as s3, dynamodb or ecr.api.',
    ],
    ['name: a, awsService: s3, ports: []', '.ports: is empty; leave it out to approve every port.'],
    [
      'name: a, awsService: s3, protocols: []',
      '.protocols: is empty; leave it out to approve every protocol.',
    ],
    ['name: a, awsService: s3, protocols: [icmp]', '.protocols[0]: '],
    [
      'name: a, awsService: s3, ports: ["443"]',
      '.ports[0]: must be a port number from 1 to 65535, not "443".',
    ],
    [
      'name: a, awsService: s3, ports: [70000]',
      '.ports[0]: must be a port number from 1 to 65535, not the number 70000.',
    ],
  ])('the wrong destination %s is refused with a reason', (entry, message) => {
    expect(said(`egress: { approved: [{ ${entry} }] }`)).toEqual([
      expect.stringContaining(`egress.approved[0]${message}`),
    ]);
  });

  it('the whole internet may be approved for some ports', () => {
    expect(said('egress: { approved: [{ name: web, cidr: 0.0.0.0/0, ports: [443] }] }')).toEqual([]);
  });

  it.each([
    [
      'insecurePorts: []',
      'egress.insecurePorts: is empty; write checks: { egress-insecure-port: off } to accept every port.',
    ],
    [
      'packageRegistries: ["*.example.com"]',
      'egress.packageRegistries[0]: "*.example.com" must be written without the leading *.: names below it are included.',
    ],
    [
      'packageRegistries: { hosts: ["*.example.com"] }',
      'egress.packageRegistries.hosts[0]: "*.example.com" must be written without the leading *.: names below it are included.',
    ],
    [
      'packageRegistries: { cidrs: [10.0.9.5] }',
      'egress.packageRegistries.cidrs[0]: "10.0.9.5" has no prefix length; write 10.0.9.5/32 for this one address.',
    ],
    [
      'packageRegistries: { cidr: [] }',
      'egress.packageRegistries.cidr: is not a known key; did you mean "cidrs"?',
    ],
    ['packageRegistries: [1]', 'egress.packageRegistries[0]: must be a domain'],
    ['packageRegistries: nexus', 'egress.packageRegistries: must be a mapping such as { hosts:'],
  ])('the wrong egress setting %s is refused with a reason', (line, message) => {
    expect(said(`egress: { ${line} }`)).toEqual([expect.stringContaining(message)]);
  });
});

describe('exemptions that are wrong', () => {
  const rest = 'reason: vendor image, owner: erp@example.com, expires: 2027-03-31';

  it('an exemption without reason, owner or last day is refused at its entry', () => {
    expect(said('exemptions:\n  - check: pod-too-old\n    namespace: a\n')).toEqual([
      '2:5: exemptions[0].reason: is required: why the finding is accepted.',
      '2:5: exemptions[0].owner: is required: who is responsible for it, such as a mail address.',
      '2:5: exemptions[0].expires: is required: a date such as 2027-03-31.',
    ]);
  });

  it.each([
    [
      `check: "*", ${rest}`,
      ': accepts every finding of every workload; name a check, cluster, namespace, workload or container.',
    ],
    [
      `check: "*", namespace: "*", workload: "*/*", ${rest}`,
      ': accepts every finding of every workload; name a check, cluster, namespace, workload or container.',
    ],
    [
      `check: pod-too-odl, ${rest}`,
      '.check: "pod-too-odl" is not the id of a check; did you mean "pod-too-old"?',
    ],
    [`check: xyz, ${rest}`, '.check: "xyz" is not the id of a check; eks-drift-audit checks lists them.'],
    [`check: pod-*, ${rest}`, '.check: "pod-*" is not the id of a check; '],
    [
      `check: pod-too-old, workload: erp, ${rest}`,
      '.workload: "erp" is not a workload; write its kind and name, such as Deployment/erp, Deployment/erp-* or */erp.',
    ],
    [
      `check: pod-too-old, workload: deployment/erp, ${rest}`,
      '.workload: "deployment" is not written like a kind; begin it with a capital letter as manifests do, such as Deployment or StatefulSet.',
    ],
    [
      `check: pod-too-old, container: 1, ${rest}`,
      '.container: must be the name of a container or a pattern with *, not the number 1; put it in quotes.',
    ],
    [
      'check: pod-too-old, reason: " ", owner: a, expires: 2027-03-31',
      '.reason: is empty; it must be why the finding is accepted.',
    ],
    [
      'check: pod-too-old, reason: a, owner: 7, expires: 2027-03-31',
      '.owner: must be who is responsible for it, such as a mail address, not the number 7; put it in quotes.',
    ],
    [
      'check: pod-too-old, reason: a, owner: b, expires: 2027-02-30',
      '.expires: "2027-02-30" is not a day of the calendar.',
    ],
    [
      'check: pod-too-old, reason: a, owner: b, expires: 2027-02-29',
      '.expires: "2027-02-29" is not a day of the calendar.',
    ],
    [
      'check: pod-too-old, reason: a, owner: b, expires: 31.3.2027',
      '.expires: "31.3.2027" is not a date; write the year, month and day as in 2027-03-31.',
    ],
    [
      'check: pod-too-old, reason: a, owner: b, expires: 2027-3-1',
      '.expires: "2027-3-1" is not a date; write the year, month and day as in 2027-03-31.',
    ],
    [
      'check: pod-too-old, reason: a, owner: b, expires: 2027-03-31T12:00:00Z',
      '.expires: "2027-03-31T12:00:00Z" has a time; write the day alone, 2027-03-31: it applies until that day ends in UTC.',
    ],
    [
      'check: pod-too-old, reason: a, owner: b, expires: 20270331',
      '.expires: must be a date such as 2027-03-31, not the number 20270331.',
    ],
    [
      'check: pod-too-old, reason: a, owner: b, expires: never',
      '.expires: "never" is not a date; write the year, month and day as in 2027-03-31.',
    ],
  ])('the wrong exemption %s is refused with a reason', (entry, message) => {
    expect(said(`exemptions: [{ ${entry} }]`)).toEqual([expect.stringContaining(`exemptions[0]${message}`)]);
  });
});

describe('accounts that are wrong', () => {
  it.each([
    ['id: 111122223333, regions: [eu-west-1]', '.id: must be in quotes: "111122223333".'],
    ['id: 012345678901, regions: [eu-west-1]', '.id: must be in quotes: "012345678901".'],
    ['id: "12", regions: [eu-west-1]', '.id: "12" is not an AWS account id; write its 12 digits in quotes.'],
    ['id: "111122223333"', '.regions: is required: a list such as [eu-west-1].'],
    ['id: "111122223333", regions: []', '.regions: is empty; name the regions to look for clusters in.'],
    [
      'id: "111122223333", regions: [Frankfurt]',
      '.regions[0]: "Frankfurt" is not a region; write one such as eu-west-1.',
    ],
    [
      'id: "111122223333", regions: [eu-west-1], roleName: "arn:aws:iam::1:role/x"',
      '.roleName: "arn:aws:iam::1:role/x" is not the name of a role; write the name alone, without arn: or a path, in 1 to 64 letters, digits and _+=,.@-.',
    ],
    [
      'id: "111122223333", regions: [eu-west-1], externalId: x',
      '.externalId: "x" is not an external id; it has 2 to 1224 letters, digits and _+=,.@:/-.',
    ],
  ])('the wrong account %s is refused with a reason', (entry, message) => {
    expect(said(`accounts: [{ ${entry} }]`)).toEqual([expect.stringContaining(`accounts[0]${message}`)]);
  });

  it.each([
    ['regions: [eu-west-1]', '.units: is required: a list such as ["ou-ab12-12345678"].'],
    ['units: [], regions: [eu-west-1]', '.units: is empty; name the units whose accounts are audited.'],
    [
      'units: [Workloads], regions: [eu-west-1]',
      '.units[0]: "Workloads" is not an organizational unit such as ou-ab12-12345678, or a root such as r-ab12.',
    ],
    [
      'units: [r-ab12], exclude: [111122223333], regions: [eu-west-1]',
      '.exclude[0]: must be in quotes: "111122223333".',
    ],
    [
      'units: [r-ab12], exclude: [sandbox], regions: [eu-west-1]',
      '.exclude[0]: "sandbox" is neither an AWS account id of 12 digits nor an organizational unit such as ou-ab12-12345678, or a root such as r-ab12.',
    ],
    [
      'units: [r-ab12], exclude: [r-ab12], regions: [eu-west-1]',
      '.units[0]: "r-ab12" is excluded as well, so none of its accounts would be audited; take it out of one of the lists.',
    ],
  ])('the wrong organization %s is refused with a reason', (entry, message) => {
    expect(said(`organization: { ${entry} }`)).toEqual([expect.stringContaining(`organization${message}`)]);
  });

  it('an account that is listed twice is refused', () => {
    const entry = '{ id: "111122223333", regions: [eu-west-1] }';
    expect(said(`accounts:\n  - ${entry}\n  - ${entry}`)).toEqual([
      '3:11: accounts[1].id: "111122223333" is listed twice; put all its regions into one entry.',
    ]);
  });

  it.each(['us-gov-west-1', 'cn-northwest-1', 'ap-southeast-7', 'eusc-de-east-1', 'us-isob-east-1'])(
    'the region %s is accepted',
    (region) => {
      expect(said(`accounts: [{ id: "111122223333", regions: [${region}] }]`)).toEqual([]);
    },
  );
});

describe('other values that are wrong', () => {
  it.each([
    ['clusters: { include: [] }', '1:22: clusters.include: is empty; no cluster would be audited.'],
    ['clusters: ["*"]', '1:11: clusters: must be a mapping such as { include: ["prod-*"] }, not a list.'],
    [
      'clusters: { includeTags: [prod] }',
      '1:26: clusters.includeTags: must be a mapping of tags such as { audit: "off" }, not a list.',
    ],
    ['exemptionAnnotations: yes', '1:23: exemptionAnnotations: must be true or false, not "yes".'],
    [
      'measure: { writableLayer: daemonset }',
      '1:27: measure.writableLayer: must be off, kubelet or api-server-proxy, not "daemonset".',
    ],
    [
      'digest: { routes: [{ match: { namespaces: [] }, topicArn: "arn:aws:sns:eu-west-1:111122223333:a" }] }',
      '1:43: digest.routes[0].match.namespaces: is empty; name the namespaces of the route.',
    ],
    [
      'digest: { routes: [{ match: { namespaces: [a] }, topicArn: payments }] }',
      '1:60: digest.routes[0].topicArn: "payments" is not the ARN of an SNS topic; write one such as arn:aws:sns:eu-west-1:111122223333:payments.',
    ],
    ['digest: { perOwner: always }', '1:21: digest.perOwner: must be true or false, not "always".'],
    [
      'managed: { workloads: [{ match: DaemonSet/agent, reason: r, owner: o, expires: 2027-01-01 }] }',
      '1:33: managed.workloads[0].match: "DaemonSet/agent" is not a workload; write its namespace, kind and name, such as kube-system/DaemonSet/our-agent.',
    ],
    [
      'managed: { workloads: [{ match: "*/*/*", reason: r, owner: o, expires: 2027-01-01 }] }',
      '1:33: managed.workloads[0].match: "*/*/*" matches every workload; name those that somebody else runs.',
    ],
    [
      'managed: { workloads: [{ match: kube-system/daemonset/a, reason: r, owner: o, expires: 2027-01-01 }] }',
      '1:33: managed.workloads[0].match: "daemonset" is not written like a kind; begin it with a capital letter as manifests do, such as Deployment or StatefulSet.',
    ],
    [
      'owners: { labels: [two words] }',
      '1:20: owners.labels[0]: "two words" is not the key of a label or annotation; write one such as team or app.kubernetes.io/part-of.',
    ],
    ['digest: { top: 0 }', '1:16: digest.top: must be a whole number from 1 to 100, not the number 0.'],
    [
      'digest: { minSeverity: off }',
      '1:24: digest.minSeverity: must be one of critical, high, medium, low, not "off".',
    ],
    ['- preset', '1:1: must be a mapping of the keys preset, clusters, limits and so on, not a list.'],
    ['strict', '1:1: must be a mapping of the keys preset, clusters, limits and so on, not "strict".'],
  ])('the wrong value %s is refused with a reason', (text, message) => {
    expect(said(text)).toEqual([message]);
  });
});

describe('a file that is no YAML', () => {
  it.each([
    ['preset: strict\npreset: baseline', '2:1: The key "preset" is there twice; remove one of the two.'],
    ['limits:\n\tpodMaxAge: 3d', '2:1: A tab is used to indent; YAML requires spaces.'],
    [
      'preset: strict\n---\npreset: baseline',
      '2:1: A second document begins here; a configuration is one document, without ---.',
    ],
    ['preset: !!js/function x', '1:9: There is a tag (!) here; write the plain value.'],
    ['? [a]\n: b', '1:3: This key is a list or a mapping; keys are plain text.'],
    [
      'limits:\n  podMaxAge: 1d\n   imageMaxAge: 1d',
      '2:14: This is not valid YAML (check colons and indentation from here on): ',
    ],
    ['preset: "strict', '1:16: This is not valid YAML: Missing closing "quote.'],
    ['clusters: { include: ["*"]', '1:27: This is not valid YAML'],
  ])('the text %j is refused as invalid YAML', (text, message) => {
    expect(said(text)).toEqual([expect.stringContaining(message)]);
  });
});
