import { STSClient } from '@aws-sdk/client-sts';

/**
 * The program's own region: `AWS_REGION`, `AWS_DEFAULT_REGION` (which the AWS CLI reads and the SDK does not),
 * else that of the profile.
 * @returns `null` when none of them is set
 */
export async function ownRegion(): Promise<string | null> {
  const { env } = process;
  const given = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  if (given) return given;
  try {
    return await new STSClient({}).config.region();
  } catch {
    return null;
  }
}
