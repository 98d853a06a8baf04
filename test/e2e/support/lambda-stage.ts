import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcesses, type Processes } from '../environment/processes.ts';
import { type AwsFleet, type Bucket, openBucket } from './aws-fleet.ts';
import { createKey } from './create-key.ts';
import { type DeployedFunction, deployFunctions } from './deployed-functions.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { openS3Gate, type S3Gate } from './s3-gate.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

/** A deployment of its own beside the clusters, with a bucket, a topic and a mailbox. */
export interface LambdaStage {
  readonly bucket: Bucket;
  readonly mailbox: Mailbox;
  /** Before the bucket. */
  readonly gate: S3Gate;
  /** By logical ids without hashes. */
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  /** A new execution environment. @param change what is other than in the template, since a test cannot wait as long */
  sandbox(name: string, change?: Partial<DeployedFunction>): Promise<Sandbox>;
}

export interface LambdaStages {
  open(options: {
    /** Unique. */
    readonly name: string;
    readonly mode: string;
    /** The configuration file. */
    readonly yaml: string;
  }): Promise<LambdaStage>;
  close(): Promise<void>;
}

/** Functions as they are deployed, in Lambda's runtime interface, against the clusters and AWS services of a fleet. */
export async function openLambdaStages({ environment }: AwsFleet): Promise<LambdaStages> {
  const { aws, auditorCredentials } = environment;
  const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  const processes: Processes = await openProcesses();
  const gates: S3Gate[] = [];
  const keys = {
    AuditorKey: await createKey(aws, {}),
    AuditorRunSigningKey: await createKey(aws, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  };
  return {
    async open({ name, mode, yaml }) {
      const bucket = await openBucket(aws.url, auditorCredentials, `reports-${name}`);
      const mailbox = await openMailbox(aws, `digest-${name}`);
      const gate = await openS3Gate(aws.url);
      gates.push(gate);
      const functions = await deployFunctions({
        folder,
        mode: name,
        yaml: `${yaml}deployment: { mode: ${mode}, emails: [security@example.com] }\n`,
        account: aws.accountId,
        region: aws.region,
        arns: {
          ...keys,
          AuditorDigestTopic: mailbox.topicArn,
          AuditorReportsBucket: `arn:aws:s3:::reports-${name}`,
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
      return { bucket, mailbox, gate, functions, sandbox };
    },
    async close() {
      await processes.stop();
      await Promise.all(gates.map((gate) => gate.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let sandboxes = 0;
