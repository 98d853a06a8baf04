import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { ENDPOINT_SERVICES, endpointName } from '../../lib/iam/endpoint-services.ts';
import { AuditorStack } from '../../lib/index.ts';
import { settingsOf } from './deployed.ts';

const root = new URL('../../', import.meta.url);
const CODE = Code.fromInline('exports.handler = async () => {};');

/** Services that the code asks, by a client of the SDK or by requests that it signs itself. */
function askedServices(): readonly string[] {
  const files = readdirSync(new URL('lambda', root), { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(new URL(`lambda/${file}`, root), 'utf8');
      return [...text.matchAll(/\bnew ([A-Z]\w*)Client\(|\bservice: '([a-z0-9-]+)'/g)];
    })
    .map(([, client, service]) => (client ?? service ?? '').toLowerCase());
  return [...new Set(found)].sort();
}

test('each AWS service that the code asks has a row in the table of endpoints, and no row is of another', () => {
  const asked = askedServices();
  expect(asked.length).toBeGreaterThan(8);
  // By the prefix of its actions in IAM, where that differs from the name of its client.
  const prefixes = asked.map((service) => (service === 'eventbridge' ? 'events' : service));
  expect(prefixes.sort()).toEqual(Object.keys(ENDPOINT_SERVICES).sort());
});

/** Of a VPC that one of the configurations below is completed with. */
const VPC = 'vpc: { id: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0] }';

const stackOf = (yaml: string, region?: string) =>
  new AuditorStack(new App(), 'Hub', {
    settings: settingsOf(yaml),
    code: CODE,
    ...(region === undefined ? {} : { env: { account: '111122223333', region } }),
  });

/** What synthesis says of endpoints. */
function said(yaml: string, region?: string): string {
  const found = Annotations.fromStack(stackOf(yaml, region)).findInfo('*', Match.anyValue());
  return found.map(({ entry }) => String(entry.data)).join('\n');
}

/** The names of the endpoints that synthesis lists, as they end. */
const listed = (yaml: string): readonly string[] =>
  [
    ...(/needs (?:this|these) .*?: (?<names>[^;]+);/.exec(said(yaml))?.groups?.['names'] ?? '').matchAll(
      /\(([\w.]+)/g,
    ),
  ]
    .map(([, name]) => name ?? '')
    .sort();

const single = (deployment = '', more = '') => `${more}\ndeployment: { ${VPC}, ${deployment} }`;
const fleet = (deployment = '', more = '') => single(`mode: fleet, ${deployment}`, more);

const SINGLE = ['ec2', 'ecr.api', 'eks', 'inspector2', 'kms', 's3', 'sns', 'sts'];
const FLEET = ['ec2', 'ecr.api', 'inspector2', 's3', 'sts'];
const without = (names: readonly string[], ...gone: string[]) => names.filter((name) => !gone.includes(name));
const LOGIN =
  'images: { registries: [{ host: ghcr.io, secretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-AbCdEf" }] }';
const ORGANIZATION = 'organization: { units: [ou-ab12-12345678], externalId: audit-7, regions: [eu-west-1] }';

describe('the endpoints that a function in a VPC needs, as synthesis lists them', () => {
  test.each([
    ['one function', single(), SINGLE],
    ['a fleet', fleet(), FLEET],
    ['one function without routing', single('', 'egress: { routing: off }'), without(SINGLE, 'ec2')],
    ['a fleet without routing', fleet('', 'egress: { routing: off }'), without(FLEET, 'ec2')],
    [
      'one function without registries',
      single('', 'images: { registry: off }'),
      without(SINGLE, 'ecr.api', 'inspector2'),
    ],
    [
      'a fleet without registries',
      fleet('', 'images: { registry: off }'),
      without(FLEET, 'ecr.api', 'inspector2'),
    ],
    [
      'one function that asks for no scans',
      single('', 'images: { scans: off }'),
      without(SINGLE, 'inspector2'),
    ],
    ['one function that signs nothing', single('signing: off'), without(SINGLE, 'kms')],
    ['one function with Security Hub', single('securityHub: high'), [...SINGLE, 'securityhub'].sort()],
    ['a fleet with Security Hub', fleet('securityHub: high'), FLEET],
    ['one function with an event bus', single('eventBus: default'), [...SINGLE, 'events'].sort()],
    ['a fleet with an event bus', fleet('eventBus: default'), FLEET],
    ['one function with the login of a registry', single('', LOGIN), [...SINGLE, 'secretsmanager'].sort()],
    ['a fleet with the login of a registry', fleet('', LOGIN), [...FLEET, 'secretsmanager'].sort()],
    ['one function for an organization', single('', ORGANIZATION), [...SINGLE, 'organizations'].sort()],
    ['a fleet for an organization', fleet('', ORGANIZATION), FLEET],
  ])('%s', (_, yaml, names) => {
    expect(listed(yaml)).toEqual(names);
  });

  test('outside of a VPC nothing is said of endpoints', () => {
    expect(said('')).toBe('');
  });

  test.each([
    ['one function', single('', LOGIN), /ghcr\.io/],
    [
      'regions',
      single('', 'accounts: [{ id: "111122223333", externalId: a-7, regions: [eu-west-1, us-east-1] }]'),
      /us-east-1/,
    ],
    ['an organization', single('', ORGANIZATION), /Organizations, whose endpoint is in us-east-1/],
  ])('what no endpoint of the region reaches is named: %s', (_, yaml, text) => {
    expect(said(yaml, 'eu-west-1')).toMatch(/Only NAT or the like/);
    expect(said(yaml, 'eu-west-1')).toMatch(text);
  });

  test('in the region that has it, Organizations takes no NAT', () => {
    const yaml = single('', ORGANIZATION.replace('eu-west-1', 'us-east-1'));
    expect(said(yaml, 'us-east-1')).not.toMatch(/Only NAT or the like/);
  });
});

/** https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html */
describe('the name of an endpoint', () => {
  test.each([
    ['eks', 'eu-west-1', 'com.amazonaws.eu-west-1.eks'],
    ['ecr', 'eu-west-1', 'com.amazonaws.eu-west-1.ecr.api'],
    ['events', 'us-gov-west-1', 'com.amazonaws.us-gov-west-1.events'],
    ['eks', 'cn-north-1', 'cn.com.amazonaws.cn-north-1.eks'],
    ['sts', 'cn-northwest-1', 'cn.com.amazonaws.cn-northwest-1.sts'],
    ['sns', 'cn-north-1', 'com.amazonaws.cn-north-1.sns'],
    ['s3', 'cn-north-1', 'com.amazonaws.cn-north-1.s3'],
  ] as const)('of %s in %s is %s', (service, region, name) => {
    expect(endpointName(service, region)).toBe(name);
  });
});
