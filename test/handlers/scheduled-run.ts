import { sampleFleet } from '../sample/fleet/fleet.ts';
import { HUB, startAwsServer } from '../support/aws-server.ts';
import { anAuthority } from '../support/certificates.ts';
import { type ApiServer, startApiServer } from '../support/kube-server/api-server.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import type { TestSigner } from '../support/signing.ts';
import { handlerEnvironment } from './handler-environment.ts';

/** A deployed function with its bucket, topic and Security Hub, and two clusters of the sample. */
export interface Deployment {
  readonly aws: S3Server;
  /** One delivery of the event of the schedule; what the handler throws is told, not thrown. */
  deliver(
    time: string,
    /** After how long an attempt at S3 is given up. @defaultValue as in production */
    limits?: { readonly silenceMs: number },
  ): Promise<Delivered>;
  /** From now on some workloads are gone from the clusters, and others have come. */
  change(): void;
  close(): Promise<void>;
}

export interface Delivered {
  readonly outcome: 'done' | 'done-before' | 'failed';
  readonly problem: string;
}

const REGION = 'eu-west-1';
export const TOPIC = `arn:aws:sns:${REGION}:${HUB}:digest`;
export const CHAT_TOPIC = `arn:aws:sns:${REGION}:${HUB}:chat`;

/** Few enough that a run takes a moment: some objects are there before, some come, some go. */
const [AWAY, BEFORE, AFTER] = [12, 20, 28];

const CONFIG = 'digest: { minSeverity: low, top: 100 }\negress: { routing: off }\n';

export async function deploy(
  now: number,
  {
    configuration = CONFIG,
    before: first = BEFORE,
    signer = null,
    chat = false,
  }: {
    readonly configuration?: string;
    readonly before?: number;
    /** Signs the records. @defaultValue none */
    readonly signer?: TestSigner | null;
    /** Whether there is a topic for the chat. @defaultValue `false` */
    readonly chat?: boolean;
  } = {},
): Promise<Deployment> {
  const authority = await anAuthority('cluster');
  const tls = await authority.issue({ commonName: 'kube-apiserver' });
  const servers: ApiServer[] = [];
  const serve = async (objects: readonly object[]): Promise<string> => {
    const server = await startApiServer({ objects, tls });
    servers.push(server);
    return server.url;
  };
  const clusters = await Promise.all(
    sampleFleet(now).map(async ({ name, objects }) => {
      const [before, after] = [await serve(objects.slice(0, first)), await serve(objects.slice(AWAY, AFTER))];
      const certificateAuthority = { data: Buffer.from(authority.ca).toString('base64') };
      return { name, after, cluster: { endpoint: before, certificateAuthority } };
    }),
  );
  const eks = await startAwsServer({ clusters });
  const aws = await startS3Server(signer === null ? {} : { sign: signer.signNow });
  const environment = handlerEnvironment(configuration, { region: REGION, s3: aws.url, aws: eks.url });
  const { createHandler } = await import('../../lambda/handlers/scheduled-audit.ts');
  const settings = {
    ...environment.env,
    TOPIC_ARN: TOPIC,
    CHAT_TOPIC_ARN: chat ? CHAT_TOPIC : '',
    SECURITY_HUB: 'low',
    SIGNING_KEY_ARN: signer?.keyArn ?? '',
  };
  return {
    aws,
    change() {
      for (const { cluster, after } of clusters) cluster.endpoint = after;
    },
    async deliver(time, limits) {
      const clock = (): number => Date.parse(time) + 5_000;
      const handler = createHandler({ env: settings, clock, patience: 1, ...limits });
      const context = {
        awsRequestId: 'test',
        memoryLimitInMB: '1024',
        getRemainingTimeInMillis: () => 900_000,
      };
      try {
        const { outcome } = await handler({ scheduledTime: time }, context);
        return { outcome, problem: '' };
      } catch (error) {
        return { outcome: 'failed', problem: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {
      environment.close();
      await Promise.all([aws, eks, ...servers].map((server) => server.close()));
    },
  };
}
