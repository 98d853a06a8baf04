import { createServer, type IncomingMessage } from 'node:http';
import { ListClustersCommand } from '@aws-sdk/client-eks';
import { PublishCommand } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openAwsAccess } from '../../../lambda/connect/aws/access.ts';
import { openEc2 } from '../../../lambda/connect/aws/ec2-query.ts';
import { openEcr } from '../../../lambda/connect/aws/ecr.ts';
import { openInspector } from '../../../lambda/connect/aws/inspector.ts';
import { openKmsKey } from '../../../lambda/connect/aws/kms-sign.ts';
import { openMail } from '../../../lambda/connect/aws/mail-client.ts';
import { openOrganizations } from '../../../lambda/connect/aws/organizations.ts';
import { readLogin } from '../../../lambda/connect/aws/secret.ts';
import { openHubImports } from '../../../lambda/connect/aws/security-hub.ts';
import { openPlace } from '../../../lambda/discover/place.ts';
import { hubCredentials } from '../../support/aws-server.ts';
import { onLoopback } from '../../support/on-loopback.ts';

const before = { ...process.env };
const closing: (() => unknown)[] = [];

beforeEach(() => {
  process.env['AWS_REGION'] = 'eu-west-1';
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAEXAMPLE';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  // What is not asked at an endpoint of the VPC is asked here, and nothing is sent out.
  process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
});

afterEach(async () => {
  process.env = { ...before };
  for (const close of closing.splice(0)) await close();
});

/** Refuses everything, and keeps what was asked. */
async function anEndpoint() {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    request.resume().on('end', () => response.writeHead(403).end('{}'));
  });
  const { url, close } = await onLoopback(server);
  closing.push(close);
  return { asked, url };
}

const settings = (region: string) => ({ region, credentials: hubCredentials, maxAttempts: 1 });

/** One request of each service that is asked. */
const ASK: Readonly<Record<string, (region: string) => Promise<unknown>>> = {
  sts: (region) => openAwsAccess(settings(region)).account({ role: null, accountId: null }),
  eks: (region) => {
    const access = openAwsAccess(settings(region));
    const account = { accountId: '1', partition: 'aws', principalArn: '', credentials: hubCredentials };
    return openPlace(access, { account, role: null, region }).eks.send(new ListClustersCommand({}));
  },
  ecr: (region) => openEcr({ ...settings(region), registryId: '111122223333' }).scanType(),
  sns: (region) =>
    openMail(region).send(new PublishCommand({ TopicArn: `arn:aws:sns:${region}:1:t`, Message: 'm' })),
  ec2: (region) => openEc2(settings(region)).pages({ action: 'DescribeSubnets', parameters: {} }, () => {}),
  inspector2: (region) => openInspector(settings(region)).coverage(['web']),
  kms: (region) =>
    openKmsKey({
      ...settings(region),
      keyArn: `arn:aws:kms:${region}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
    }).sign(new Uint8Array(32)),
  secretsmanager: (region) =>
    readLogin(`arn:aws:secretsmanager:${region}:111122223333:secret:ghcr-AbCdEf`, settings(region)),
  securityhub: (region) => openHubImports(settings(region)).importFindings([]),
};

describe('an endpoint of the VPC of the function', () => {
  test.each(Object.keys(ASK))('is where %s is asked in its own region', async (service) => {
    const { asked, url } = await anEndpoint();
    process.env['VPC_ENDPOINTS'] = `other=http://127.0.0.1:9 ${service}=${url}`;
    await expect(ASK[service]?.('eu-west-1')).rejects.toThrow();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked[0]?.headers.authorization).toContain('/eu-west-1/');
  });

  test.each(Object.keys(ASK))(
    'is not asked for %s of another region, which it does not serve',
    async (service) => {
      const { asked, url } = await anEndpoint();
      process.env['VPC_ENDPOINTS'] = `${service}=${url}`;
      await expect(ASK[service]?.('us-east-1')).rejects.toThrow();
      expect(asked).toEqual([]);
    },
  );

  test.each(Object.keys(ASK))(
    'is where %s is asked also where public endpoints are asked by IPv6',
    async (service) => {
      process.env['AWS_USE_DUALSTACK_ENDPOINT'] = 'true';
      const { asked, url } = await anEndpoint();
      process.env['VPC_ENDPOINTS'] = `${service}=${url}`;
      await expect(ASK[service]?.('eu-west-1')).rejects.toThrow();
      expect(asked.length).toBeGreaterThan(0);
    },
  );

  test.each([
    ['us-east-1', 1],
    ['eu-west-1', 0],
  ])('of Organizations is asked in %s: %d times', async (region, times) => {
    process.env['AWS_REGION'] = region;
    const { asked, url } = await anEndpoint();
    process.env['VPC_ENDPOINTS'] = `organizations=${url}`;
    await expect(openOrganizations(settings(region)).units('r-ab12')).rejects.toThrow();
    expect(asked).toHaveLength(times);
  });
});
