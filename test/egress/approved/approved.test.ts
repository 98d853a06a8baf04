import { describe, expect, test } from '@jest/globals';
import type { ApprovedDestination } from '../../../lambda/config/config.ts';
import { approvedDestinations } from '../../../lambda/egress/approved/approved.ts';
import { isAwsEndpoint, isHostApproved } from '../../../lambda/egress/approved/approved-hosts.ts';
import { spansOf } from '../../../lambda/egress/sets/address-set.ts';
import { ALL_PORTS, onePort, printPorts, unionPorts } from '../../../lambda/egress/sets/port-set.ts';
import { printRange } from '../../../lambda/egress/sets/printed.ts';
import { portsText, rangeText } from '../../../lambda/egress/sets/words.ts';
import { NO_CONFIG } from '../support/build.ts';

const approval = (facts: Partial<ApprovedDestination>): ApprovedDestination => ({
  name: 'partner',
  cidrs: [],
  hosts: [],
  awsService: null,
  ports: null,
  protocols: null,
  ...facts,
});

const approving = (...facts: readonly Partial<ApprovedDestination>[]) =>
  approvedDestinations({ ...NO_CONFIG, approved: facts.map(approval) });

const addressesOf = (facts: Partial<ApprovedDestination>): readonly string[] =>
  spansOf(approving(facts).addresses).map(({ span, ports }) => {
    const range = printRange(span, ports);
    return `${rangeText(range)} ${portsText(range.ports)}`;
  });

describe('an approved block', () => {
  test.each([
    [{}, '192.0.2.0/24 every port'],
    [{ ports: [443] }, '192.0.2.0/24 TCP 443; UDP 443; SCTP 443'],
    [{ ports: [443, 8443], protocols: ['TCP'] }, '192.0.2.0/24 TCP 443, 8443'],
    [{ protocols: ['UDP'] }, '192.0.2.0/24 UDP every port'],
    [{ ports: [53], protocols: ['TCP', 'UDP'] }, '192.0.2.0/24 TCP 53; UDP 53'],
  ] as const)('an approved block with %j is %s', (facts, text) => {
    expect(addressesOf({ cidrs: ['192.0.2.0/24'], ...facts })).toEqual([text]);
  });
});

describe('an approved name', () => {
  test.each([
    ['api.example.com', 'api.example.com'],
    ['api.example.com', 'API.Example.com.'],
    ['*.example.com', 'api.example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['*.example.com', '*.example.com'],
    ['*.example.com', '**.example.com'],
    ['*.example.com', '*.eu.example.com'],
    ['*.example.com', 'api-*.example.com'],
    ['*.example.com', 'a.*.example.com'],
  ])('the approved name %s covers the rule %s', (pattern, host) => {
    expect(isHostApproved(pattern, { host })).toBe(true);
  });

  test.each([
    ['api.example.com', 'example.com'],
    ['api.example.com', 'v2.api.example.com'],
    ['api.example.com', '*.example.com'],
    ['example.com', '*.example.com'],
    ['*.example.com', 'example.com'],
    ['*.example.com', 'badexample.com'],
    ['*.example.com', '*example.com'],
    ['*.example.com', '*.com'],
    ['*.example.com', '*'],
    ['*.example.com', 'api.*.com'],
    ['*.example.com', 'api.example.*'],
    ['*.example.com', 'api.example.com.evil.net'],
  ])('the approved name %s does not cover the rule %s', (pattern, host) => {
    expect(isHostApproved(pattern, { host })).toBe(false);
  });

  test('an approved name counts on its own ports, and names of several approvals on those of each', () => {
    const { unapprovedHostPorts } = approving(
      { hosts: ['*.example.com'], ports: [443], protocols: ['TCP'] },
      { hosts: ['api.example.com'], ports: [80], protocols: ['TCP'] },
    );
    const web = unionPorts(onePort('TCP', 80), onePort('TCP', 443));
    const rest = (host: string, ports = web) =>
      portsText(printPorts(unapprovedHostPorts({ host, ports, wildcard: 'labels' })));
    expect(rest('api.example.com')).toBe('');
    expect(rest('www.example.com')).toBe('TCP 80');
    expect(rest('example.com')).toBe('TCP 80, 443');
    expect(rest('api.example.com', onePort('UDP', 443))).toBe('UDP 443');
  });

  test('an approved name approves no address, and addresses approve a name only where all are approved', () => {
    expect(addressesOf({ hosts: ['api.example.com'] })).toEqual([]);
    const host = { host: 'api.example.com', ports: onePort('TCP', 443), wildcard: 'labels' } as const;
    expect(approving({ cidrs: ['0.0.0.0/0'], ports: [443] }).unapprovedHostPorts(host)).not.toEqual([]);
    expect(approving({ cidrs: ['0.0.0.0/0', '::/0'], ports: [443] }).unapprovedHostPorts(host)).toEqual([]);
    expect(approving({ cidrs: ['0.0.0.0/0', '::/0'], ports: [80] }).unapprovedHostPorts(host)).not.toEqual(
      [],
    );
  });
});

describe('an approved AWS service', () => {
  test.each([
    ['s3', 's3.eu-west-1.amazonaws.com'],
    ['s3', 's3.amazonaws.com'],
    ['s3', 'reports.s3.us-gov-west-1.amazonaws.com'],
    ['s3', '*.s3.eu-west-1.amazonaws.com'],
    ['s3', 's3.cn-north-1.amazonaws.com.cn'],
    ['ecr.api', 'api.ecr.eu-west-1.amazonaws.com'],
    ['ecr.dkr', '111122223333.dkr.ecr.eu-west-1.amazonaws.com'],
    ['ecr.dkr', '*.dkr.ecr.ap-southeast-2.amazonaws.com'],
    ['eks', 'eks.eu-west-1.api.aws'],
    ['eks', 'eks.cn-north-1.api.amazonwebservices.com.cn'],
    ['s3', 'reports.s3.dualstack.eu-west-1.amazonaws.com'],
    ['ecr.api', 'ecr.eu-west-1.api.aws'],
    ['ecr.dkr', '111122223333.dkr-ecr.eu-west-1.on.aws'],
    ['ecr.dkr', '*.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn'],
  ])('the approved AWS service %s has the endpoint %s', (service, host) => {
    expect(isAwsEndpoint(service, { host })).toBe(true);
  });

  test.each([
    ['s3', 'sqs.eu-west-1.amazonaws.com'],
    ['s3', '*.eu-west-1.amazonaws.com'],
    ['s3', '*.amazonaws.com'],
    ['s3', 's3.*.amazonaws.com'],
    ['s3', 's3.eu-west-1.amazonaws.com.evil.net'],
    ['s3', 'nots3.eu-west-1.amazonaws.com'],
    ['ecr.api', 'ecr.api.eu-west-1.amazonaws.com'],
    ['eks', 'sts.eu-west-1.api.aws'],
    ['eks', '*.eu-west-1.api.aws'],
    ['eks', 'eks.api.aws'],
    ['eks', 'eks.eu-west-1.api.aws.evil.net'],
    ['s3', 's3.dualstack.amazonaws.com'],
    ['ecr.api', '111122223333.dkr-ecr.eu-west-1.on.aws'],
    ['ecr.dkr', 'ecr.eu-west-1.api.aws'],
    ['ecr.dkr', 'dkr-ecr.on.aws'],
  ])('the approved AWS service %s has no endpoint %s', (service, host) => {
    expect(isAwsEndpoint(service, { host })).toBe(false);
  });

  test('an approved AWS service approves no address, and says so', () => {
    const approved = approving({ name: 'buckets', awsService: 's3', ports: [443] });
    expect(spansOf(approved.addresses)).toEqual([]);
    expect(approved.notes).toEqual([
      'Approved destination buckets: the addresses of AWS service s3 are not known, so only host rules for its endpoints count.',
    ]);
    expect(approved.services.map(({ service }) => service)).toEqual(['s3']);
    const host = { host: 's3.eu-west-1.amazonaws.com', ports: ALL_PORTS, wildcard: 'labels' } as const;
    expect(portsText(printPorts(approved.unapprovedHostPorts(host)))).toMatch(/^TCP 1-442, 444-65535; UDP/);
  });
});
