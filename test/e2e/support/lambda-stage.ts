import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcesses } from '../environment/processes.ts';
import { type AwsFleet, type Bucket, openBucket } from './aws-fleet.ts';
import { createKey } from './create-key.ts';
import { type DeployedFunction, deployFunctions, synthesiseApp } from './deployed-functions.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { openS3Gate, type S3Gate } from './s3-gate.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

/** A deployment of its own beside the clusters, with a bucket, a topic and a mailbox. */
export interface LambdaStage {
  readonly bucket: Bucket;
  /** Of the bucket. */
  readonly bucketName: string;
  readonly mailbox: Mailbox;
  /** Before the bucket. */
  readonly gate: S3Gate;
  /** By logical ids without hashes. */
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  /** A new execution environment. @param change what is other than in the template, since a test cannot wait as long */
  sandbox(id: string, change?: Partial<DeployedFunction>): Promise<Sandbox>;
}

export interface LambdaStages {
  /** Deploys once more. @param name unique */
  open(name: string): Promise<LambdaStage>;
  close(): Promise<void>;
}

export interface LambdaStagesOptions {
  readonly fleet: AwsFleet;
  readonly mode: 'single' | 'fleet';
  /** The configuration file, without `deployment`. */
  readonly yaml: string;
}

/** Functions as they are deployed, in Lambda's runtime interface, against the clusters and AWS services of a fleet. */
export async function openLambdaStages({ fleet, mode, yaml }: LambdaStagesOptions): Promise<LambdaStages> {
  const { aws, auditorCredentials } = fleet.environment;
  const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  const processes = await openProcesses();
  const gates: S3Gate[] = [];
  const deployment = `deployment: { mode: ${mode}, emails: [security@example.com] }\n`;
  const synthesised = await synthesiseApp({ folder, mode, yaml: `${yaml}${deployment}` });
  const keys = {
    AuditorKey: await createKey(aws, {}),
    AuditorRunSigningKey: await createKey(aws, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  };
  let sandboxes = 0;
  return {
    async open(name) {
      const bucketName = `reports-${name}`;
      const bucket = await openBucket(aws.url, auditorCredentials, bucketName);
      const mailbox = await openMailbox(aws, `digest-${name}`);
      const gate = await openS3Gate(aws.url);
      gates.push(gate);
      const functions = deployFunctions(synthesised, {
        account: aws.accountId,
        region: aws.region,
        arns: {
          ...keys,
          AuditorDigestTopic: mailbox.topicArn,
          AuditorReportsBucket: `arn:aws:s3:::${bucketName}`,
        },
      });
      const sandbox: LambdaStage['sandbox'] = async (id, change = {}) => {
        const deployed = functions.get(id);
        if (deployed === undefined) throw new Error(`There is no function ${id}: ${[...functions.keys()]}.`);
        return startSandbox({
          processes,
          name: `${name}-${id}-${++sandboxes}`,
          deployed: { ...deployed, ...change },
          aws: { ...aws.environmentFor(auditorCredentials), AWS_ENDPOINT_URL_S3: gate.url },
        });
      };
      return { bucket, bucketName, mailbox, gate, functions, sandbox };
    },
    async close() {
      await processes.stop();
      await Promise.all(gates.map((gate) => gate.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
