import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { publicEndpoint, serviceEndpoint } from '../../../lambda/connect/aws/service-endpoint.ts';

const VARIABLES = [
  'AWS_CONFIG_FILE',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_EC2',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'AWS_PROFILE',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_USE_FIPS_ENDPOINT',
];
const before = VARIABLES.map((name) => [name, process.env[name]] as const);

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const hostOf = (region: string, fips: boolean, dualStack: boolean): string =>
  publicEndpoint('ec2', region, { fips, dualStack }).host;

/** https://docs.aws.amazon.com/general/latest/gr/ec2-service.html */
describe('the public endpoint of EC2', () => {
  test.each([
    ['eu-west-1', false, false, 'ec2.eu-west-1.amazonaws.com'],
    ['us-east-1', true, false, 'ec2-fips.us-east-1.amazonaws.com'],
    ['eu-west-1', false, true, 'ec2.eu-west-1.api.aws'],
    ['cn-north-1', false, false, 'ec2.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', false, false, 'ec2.us-gov-west-1.amazonaws.com'],
    ['us-gov-west-1', true, false, 'ec2.us-gov-west-1.amazonaws.com'],
    ['us-gov-west-1', false, true, 'ec2.us-gov-west-1.api.aws'],
    ['us-iso-east-1', false, false, 'ec2.us-iso-east-1.c2s.ic.gov'],
  ])('the EC2 endpoint of %s (FIPS: %s, dual stack: %s) is %s', (region, fips, dualStack, host) => {
    expect(hostOf(region, fips, dualStack)).toBe(host);
  });
});

/** https://docs.aws.amazon.com/general/latest/gr/kms.html */
describe('the public endpoint of KMS', () => {
  test.each([
    ['eu-west-1', false, false, 'kms.eu-west-1.amazonaws.com'],
    ['us-east-1', true, false, 'kms-fips.us-east-1.amazonaws.com'],
    ['us-gov-west-1', true, false, 'kms-fips.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', false, false, 'kms.cn-north-1.amazonaws.com.cn'],
  ])('the KMS endpoint of %s (FIPS: %s, dual stack: %s) is %s', (region, fips, dualStack, host) => {
    expect(publicEndpoint('kms', region, { fips, dualStack }).host).toBe(host);
  });
});

/** https://docs.aws.amazon.com/general/latest/gr/sechub.html, and its neighbours. */
describe('the public endpoints of services that are asked for one action', () => {
  test.each([
    ['securityhub', 'eu-west-1', 'ordinary', 'securityhub.eu-west-1.amazonaws.com'],
    ['securityhub', 'us-gov-west-1', 'FIPS', 'securityhub-fips.us-gov-west-1.amazonaws.com'],
    ['inspector2', 'us-east-1', 'FIPS', 'inspector2-fips.us-east-1.amazonaws.com'],
    ['inspector2', 'cn-north-1', 'ordinary', 'inspector2.cn-north-1.amazonaws.com.cn'],
    ['secretsmanager', 'us-east-1', 'FIPS', 'secretsmanager-fips.us-east-1.amazonaws.com'],
    ['secretsmanager', 'eu-west-1', 'dual-stack', 'secretsmanager.eu-west-1.api.aws'],
  ] as const)('the endpoint of %s in %s (%s) is %s', (service, region, kind, host) => {
    const fips = kind === 'FIPS';
    expect(publicEndpoint(service, region, { fips, dualStack: kind === 'dual-stack' }).host).toBe(host);
  });

  test('their variables are named as the SDKs name them', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = 'http://127.0.0.1:2';
    expect((await serviceEndpoint('secretsmanager', 'eu-west-1', undefined)).port).toBe('2');
    expect((await serviceEndpoint('securityhub', 'eu-west-1', undefined)).port).toBe('1');
  });
});

describe('the choice of the EC2 endpoint', () => {
  test('the EC2 endpoint is what was given, before the variable of EC2, before that of all services', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
    expect((await serviceEndpoint('ec2', 'eu-west-1', undefined)).port).toBe('1');
    process.env['AWS_ENDPOINT_URL_EC2'] = 'http://127.0.0.1:2';
    expect((await serviceEndpoint('ec2', 'eu-west-1', undefined)).port).toBe('2');
    expect((await serviceEndpoint('ec2', 'eu-west-1', 'http://127.0.0.1:3')).port).toBe('3');
  });

  test('the EC2 endpoint is the FIPS endpoint where the environment says so', async () => {
    process.env['AWS_USE_FIPS_ENDPOINT'] = 'true';
    expect((await serviceEndpoint('ec2', 'us-east-1', undefined)).host).toBe(
      'ec2-fips.us-east-1.amazonaws.com',
    );
  });

  test('the EC2 endpoint is the FIPS endpoint where the profile says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'profile-'));
    try {
      process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
      process.env['AWS_PROFILE'] = 'gov';
      await writeFile(process.env['AWS_CONFIG_FILE'], '[profile gov]\nuse_fips_endpoint = true\n');
      expect((await serviceEndpoint('ec2', 'us-east-1', undefined)).host).toBe(
        'ec2-fips.us-east-1.amazonaws.com',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
