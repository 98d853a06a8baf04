import type { AwsServices } from '../environment/aws-services.ts';

/**
 * A key in KMS, by its ARN.
 * @param input what CreateKey takes
 * @param account that of requests without credentials, unless another is named
 */
export async function createKey(aws: AwsServices, input: object, account?: string): Promise<string> {
  const { status, body } = await aws.request({
    service: 'kms',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.CreateKey',
      ...(account === undefined ? {} : { 'x-moto-account-id': account }),
    },
    body: JSON.stringify(input),
  });
  if (status !== 200) throw new Error(`CreateKey: ${status} ${body}`);
  return (JSON.parse(body) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;
}
