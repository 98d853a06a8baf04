import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Deployment } from '../../lambda/config/config.ts';
import type { Environment } from '../../lambda/handlers/environment.ts';

/** Variables of the handlers besides those that Lambda sets itself. */
type Variable =
  | Exclude<keyof Environment, 'AWS_REGION' | 'LAMBDA_TASK_ROOT' | 'ALARM_TOPIC_ARN' | 'VPC_ENDPOINTS'>
  | 'POWERTOOLS_SERVICE_NAME';

export interface EnvironmentParts {
  readonly deployment: Deployment;
  readonly bucket: IBucket;
  readonly key: IKey;
  readonly digestTopic: ITopic;
  /** With `deployment.chat`. */
  readonly chatTopic?: ITopic | undefined;
  /** Of a function that signs. */
  readonly signingKey?: IKey | undefined;
  /** Of a function in a VPC for which endpoints are made: `service=URL`, with spaces between. */
  readonly vpcEndpoints?: string | undefined;
}

/** What the handlers read of their environment: where things are, and no secret. */
export function auditEnvironment({
  deployment,
  bucket,
  key,
  digestTopic,
  chatTopic,
  signingKey,
  vpcEndpoints,
}: EnvironmentParts): Readonly<Record<Variable, string> & { VPC_ENDPOINTS?: string }> {
  return {
    REPORT_BUCKET: bucket.bucketName,
    REPORT_KEY_ARN: key.keyArn,
    SIGNING_KEY_ARN: signingKey?.keyArn ?? '',
    TOPIC_ARN: digestTopic.topicArn,
    CHAT_TOPIC_ARN: chatTopic?.topicArn ?? '',
    // Empty: the file beside the code.
    CONFIG: deployment.configObject ?? '',
    SECURITY_HUB: deployment.securityHub,
    EVENT_BUS: deployment.eventBus ?? '',
    ...(vpcEndpoints === undefined ? {} : { VPC_ENDPOINTS: vpcEndpoints }),
    POWERTOOLS_SERVICE_NAME: deployment.name,
  };
}
