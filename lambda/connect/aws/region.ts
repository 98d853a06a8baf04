import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config';

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
    return await loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)();
  } catch {
    return null;
  }
}
