import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { sampleFleet } from '../../sample/fleet/fleet.ts';
import { anAuthority } from '../../support/certificates.ts';
import { startApiServer } from '../../support/kube-server/api-server.ts';
import { type AwsServices, startAwsServices } from '../environment/aws-services.ts';
import { openProcesses } from '../environment/processes.ts';
import { createKey } from '../support/create-key.ts';
import { type Mailbox, openMailbox } from '../support/mailbox.ts';
import { type MadeVpc, makeVpc } from '../support/make-vpc.ts';
import { openOrganization } from '../support/organization.ts';
import type { RecordedRequest } from './recorded-calls.ts';

export const HUB = '111122223333';
export const MEMBER = '444455556666';
export const REGION = 'eu-west-1';
export const CONFIG_OBJECT = 's3://configuration/audit/config.yaml';
export const EXTERNAL_ID = 'drift-4711';

/** What exists before the stacks do, or stands for what they make: ARNs by logical ids without their hashes. */
export interface Scenario {
  readonly aws: AwsServices;
  readonly mailbox: Mailbox;
  /** Of an organization, with both accounts. */
  readonly unit: string;
  readonly arns: Readonly<Record<string, string>>;
  /** What the auditor has asked AWS for since the last time. */
  requests(): readonly RecordedRequest[];
  /** The configuration, where functions read it. */
  configure(yaml: string): Promise<void>;
  close(): Promise<void>;
}

/** The cluster of each account. */
const CLUSTERS = [
  [HUB, 'hub'],
  [MEMBER, 'member'],
] as const;

/** Two accounts with a VPC and a cluster each; the clusters are one API server, and have a node in either VPC. */
export async function startScenario(now: number): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), 'iam-'));
  const calls = join(folder, 'calls.ndjson');
  const processes = await openProcesses();
  const authority = await anAuthority('iam CA');
  const aws = await startAwsServices(processes, { calls });
  const vpcs = new Map<string, MadeVpc>();
  for (const [accountId] of CLUSTERS) vpcs.set(accountId, await makeVpc(aws, accountId));
  const api = await startApiServer({
    objects: await withImage(
      aws,
      onNodes(
        now,
        [...vpcs.values()].map(({ privateNode }) => privateNode),
      ),
    ),
    tls: await authority.issue({ commonName: 'kube-apiserver' }),
  });
  const certificateAuthorityData = Buffer.from(authority.ca).toString('base64');
  const cluster = { endpoint: api.url, certificateAuthorityData, version: '1.35', region: REGION };
  for (const [accountId, name] of CLUSTERS) {
    const { id, subnet } = vpcs.get(accountId) as MadeVpc;
    const resourcesVpcConfig = { vpcId: id, subnetIds: [subnet], securityGroupIds: [] };
    await aws.putEksCluster({ ...cluster, accountId, name, resourcesVpcConfig });
    await addFargateProfile(aws, accountId, name);
  }
  const credentials = await aws.assumeRole(`arn:aws:iam::${HUB}:role/owner`);
  const s3 = new S3Client({ region: REGION, endpoint: aws.url, credentials, forcePathStyle: true });
  for (const Bucket of ['reports-single', 'reports-fleet', 'reports-organization', 'configuration']) {
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
  }
  const mailbox = await openMailbox(aws, 'digest');
  const alarms = await openMailbox(aws, 'alarms');
  const chat = await openMailbox(aws, 'chat');
  const organization = await openOrganization(aws);
  await organization.addOwn();
  await organization.add({ id: MEMBER });
  let read = 0;
  return {
    aws,
    mailbox,
    unit: organization.unit,
    arns: {
      AuditorDigestTopic: mailbox.topicArn,
      AuditorAlarmMailTopic: alarms.topicArn,
      AuditorChatTopic: chat.topicArn,
      AuditorKey: await createKey(aws, {}),
      AuditorRunSigningKey: await createKey(aws, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    },
    requests: () => {
      const lines = readFileSync(calls, 'utf8').trim().split('\n');
      const fresh = lines.slice(read);
      read = lines.length;
      return fresh.map((line) => JSON.parse(line) as RecordedRequest);
    },
    configure: async (yaml) => {
      const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(CONFIG_OBJECT) ?? [];
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: yaml }));
    },
    close: async () => {
      s3.destroy();
      await api.close();
      await processes.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The objects of the sample, with the names of these nodes in the place of some of its own. */
function onNodes(now: number, names: readonly string[]): readonly object[] {
  const [sample] = sampleFleet(now);
  const objects = sample?.objects ?? [];
  const nodes = objects.flatMap((one) => ('kind' in one && one.kind === 'Node' ? [one.metadata.name] : []));
  const renamed = names.reduce(
    (text, name, i) => text.replaceAll(nodes.filter((node) => node.startsWith('ip-'))[i] ?? '', name),
    JSON.stringify(objects),
  );
  return JSON.parse(renamed) as readonly object[];
}

const OWN_IMAGE = new RegExp(
  `${HUB}\\.dkr\\.ecr\\.${REGION}\\.amazonaws\\.com/([\\w/-]+)@(sha256:[0-9a-f]{64})`,
);

/** One image of the hub is in its registry, which Inspector scans: its digest takes the place of the one that runs. */
async function withImage(aws: AwsServices, objects: readonly object[]): Promise<readonly object[]> {
  const text = JSON.stringify(objects);
  const [, repositoryName = '', running = ''] = OWN_IMAGE.exec(text) ?? [];
  if (running === '') throw new Error('No image of the sample is in the registry of the hub.');
  const ask = async (action: string, input: object): Promise<string> => {
    const { status, body } = await aws.request({
      service: 'ecr',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${action}`,
      },
      body: JSON.stringify(input),
    });
    if (status !== 200) throw new Error(`${action}: ${status} ${body}`);
    return body;
  };
  await ask('PutRegistryScanningConfiguration', { scanType: 'ENHANCED', rules: [] });
  await ask('CreateRepository', { repositoryName });
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      size: 2,
      digest: `sha256:${'a'.repeat(64)}`,
    },
    layers: [],
  };
  const put = await ask('PutImage', {
    repositoryName,
    imageTag: '1',
    imageManifest: JSON.stringify(manifest),
  });
  const { image } = JSON.parse(put) as {
    readonly image: { readonly imageId: { readonly imageDigest: string } };
  };
  return JSON.parse(text.replaceAll(running, image.imageId.imageDigest)) as readonly object[];
}

/** It is described by discovery. */
async function addFargateProfile(aws: AwsServices, accountId: string, cluster: string): Promise<void> {
  const post = async (path: string, body: object): Promise<void> => {
    const { status, body: answer } = await aws.request({
      service: 'eks',
      path,
      headers: { 'content-type': 'application/json', 'x-moto-account-id': accountId },
      body: JSON.stringify(body),
    });
    if (status !== 200) throw new Error(`${path}: ${status} ${answer}`);
  };
  await post(`/clusters/${cluster}/fargate-profiles`, {
    fargateProfileName: 'batch',
    podExecutionRoleArn: `arn:aws:iam::${accountId}:role/fargate`,
    selectors: [{ namespace: 'batch' }],
  });
}
