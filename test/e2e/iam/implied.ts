import type { AuthorizationRequest } from './recorded-calls.ts';

/**
 * What a service asks KMS for on behalf of the caller, with the caller's rights, where the resource is encrypted with the
 * key of the stack. moto does not ask.
 * - S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
 * - SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function impliedBy(
  { role, action, resource, context }: AuthorizationRequest,
  arns: Readonly<Record<string, string>>,
): readonly AuthorizationRequest[] {
  const { AuditorReportsBucket: bucket, AuditorKey: key = '' } = arns;
  const topics = [arns['AuditorDigestTopic'], arns['AuditorChatTopic']];
  const region = context['aws:RequestedRegion'];
  const through = (service: string, actions: readonly string[]): readonly AuthorizationRequest[] =>
    actions.map((one) => ({
      role,
      action: `kms:${one}`,
      resource: key,
      context: { ...context, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
    }));
  if (action === 'sns:Publish' && topics.includes(resource))
    return through('sns', ['GenerateDataKey', 'Decrypt']);
  if (!resource.startsWith(`${bucket}/`)) return [];
  if (action === 's3:GetObject') return through('s3', ['Decrypt']);
  return action === 's3:PutObject' ? through('s3', ['GenerateDataKey']) : [];
}
