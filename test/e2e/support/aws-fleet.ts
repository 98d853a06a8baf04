import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { KubernetesObject } from '../environment/api-client.ts';
import type { AwsCredentials } from '../environment/aws-services.ts';
import { AUDITOR_GROUP } from '../environment/cluster.ts';
import { type Environment, start } from '../environment/environment.ts';
import { grant, SHIPPED_RIGHTS } from './access.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';

/**
 * Three EKS clusters in two accounts and two regions, of which one cannot be reached and one denies network
 * policies; the two others are one API server, to which the roles of the accounts give different rights.
 */
export interface AwsFleet {
  readonly environment: Environment;
  readonly bucket: Bucket;
  readonly mailbox: Mailbox;
  /** What the function's environment holds, the credentials of its role included. */
  readonly env: Readonly<Record<string, string>>;
  readonly clusters: Readonly<Record<'main' | 'denying' | 'dark', string>>;
  stop(): Promise<void>;
}

/** In the environment of a handler whose log nobody reads. */
export const QUIET = { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };

export const MEMBER_ACCOUNT = '444455556666';
const MEMBER_ROLE = `arn:aws:iam::${MEMBER_ACCOUNT}:role/EksDriftAuditorMember`;
const RESTRICTED = 'eks-drift-auditor-restricted';
const BUCKET = 'reports';

/** The configuration file. */
export const FLEET_CONFIG = `accounts:
  - { id: "111122223333", externalId: drift-4711, regions: [eu-west-1, us-east-1] }
  - { id: "${MEMBER_ACCOUNT}", externalId: drift-4711, regions: [us-east-1] }
digest: { minSeverity: low, top: 3 }
`;

export async function startAwsFleet(now: Date): Promise<AwsFleet> {
  const environment = await start({ now });
  const folder = await mkdtemp(join(tmpdir(), 'eks-drift-auditor-fleet-'));
  try {
    const { aws, cluster, auditorRoleArn, auditorCredentials } = environment;
    await grant(cluster, SHIPPED_RIGHTS);
    for (const object of restrictedAccess()) await cluster.admin.apply(object);
    await cluster.setAccessEntries([
      { principalArn: auditorRoleArn, kubernetesGroups: [AUDITOR_GROUP] },
      { principalArn: MEMBER_ROLE, kubernetesGroups: [RESTRICTED] },
    ]);
    const certificateAuthorityData = Buffer.from(cluster.ca).toString('base64');
    const common = { certificateAuthorityData, version: '1.36', region: 'us-east-1' };
    const denying = await aws.putEksCluster({
      ...common,
      name: cluster.name,
      endpoint: cluster.url,
      accountId: MEMBER_ACCOUNT,
    });
    const dark = await aws.putEksCluster({ ...common, name: 'dark', endpoint: 'https://127.0.0.1:1' });
    const config = join(folder, 'audit.config.yaml');
    await writeFile(config, FLEET_CONFIG);
    const mailbox = await openMailbox(aws, 'digest');
    return {
      environment,
      mailbox,
      bucket: await openBucket(aws.url, auditorCredentials, BUCKET),
      clusters: { main: cluster.arn, denying: denying.arn, dark: dark.arn },
      env: {
        ...aws.environmentFor(auditorCredentials),
        REPORT_BUCKET: BUCKET,
        TOPIC_ARN: mailbox.topicArn,
        CONFIG: config,
      },
      stop: async () => {
        await rm(folder, { recursive: true, force: true });
        await environment.stop();
      },
    };
  } catch (error) {
    await environment.stop();
    throw error;
  }
}

/** Everything that the shipped ClusterRole grants, but the core's network policies. */
function restrictedAccess(): readonly KubernetesObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: RESTRICTED };
  const rights = SHIPPED_RIGHTS.filter(
    ({ group, resource }) => `${group}/${resource}` !== 'networking.k8s.io/networkpolicies',
  );
  return [
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata,
      rules: rights.map(({ group, resource, verb }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: [verb],
      })),
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: RESTRICTED },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: RESTRICTED }],
    },
  ];
}

/** The report bucket, versioned as the one that is deployed, seen by its owner. */
export interface Bucket {
  /** All objects, by key. */
  objects(): Promise<ReadonlyMap<string, Buffer>>;
  /** By key. */
  contentTypes(): Promise<ReadonlyMap<string, string>>;
  /** How many versions of objects there are, over all keys. */
  versions(): Promise<number>;
  /** Makes these the only objects. */
  reset(objects: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/** Makes a bucket. */
export async function openBucket(
  endpoint: string,
  credentials: AwsCredentials,
  name: string,
): Promise<Bucket> {
  const client = new S3Client({ region: 'eu-west-1', endpoint, credentials });
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const;
  await client.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));

  const keys = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: name })) {
      found.push(...Contents.map(({ Key = '' }) => Key));
    }
    return found.sort();
  };
  const get = (Key: string) => client.send(new GetObjectCommand({ Bucket: name, Key }));
  return {
    async objects() {
      const found = new Map<string, Buffer>();
      for (const key of await keys()) {
        const { Body } = await get(key);
        found.set(key, Buffer.from((await Body?.transformToByteArray()) ?? []));
      }
      return found;
    },
    async contentTypes() {
      const found = new Map<string, string>();
      for (const key of await keys()) found.set(key, (await get(key)).ContentType ?? '');
      return found;
    },
    async versions() {
      const { Versions = [], IsTruncated } = await client.send(
        new ListObjectVersionsCommand({ Bucket: name }),
      );
      if (IsTruncated) throw new Error('There are more versions than one answer holds.');
      return Versions.length;
    },
    async reset(objects) {
      const present = (await keys()).map((Key) => ({ Key }));
      if (present.length > 0) {
        await client.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects: present } }));
      }
      for (const [Key, Body] of objects) {
        await client.send(new PutObjectCommand({ Bucket: name, Key, Body }));
      }
    },
  };
}
