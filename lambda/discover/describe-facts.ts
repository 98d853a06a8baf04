import {
  DescribeAddonCommand,
  DescribeFargateProfileCommand,
  paginateListFargateProfiles,
} from '@aws-sdk/client-eks';
import { parse } from 'yaml';
import { codeOf } from '../connect/aws/errors.ts';
import { inParallel } from '../in-parallel.ts';
import { errorAt, type Place } from './place.ts';
import type { ClusterFacts, FargateProfile, UnreadFact, VpcCniAddon } from './target.ts';

/** Far beyond what a cluster may have (https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html). */
const MOST_PROFILES = 1000;

/**
 * Asks for what decides whether policies are enforced. What cannot be read is said to be unread: the cluster
 * is audited all the same, and enforcement remains unknown.
 */
export async function describeFacts(
  place: Place,
  cluster: string,
): Promise<Pick<ClusterFacts, 'vpcCni' | 'fargateProfiles' | 'unread'>> {
  const orUnread = async <T>(
    fact: UnreadFact['fact'],
    action: string,
    read: Promise<T>,
  ): Promise<{ readonly value: T | null; readonly unread: readonly UnreadFact[] }> => {
    try {
      return { value: await read, unread: [] };
    } catch (error) {
      const { reason, message: said, remedy } = errorAt(place, action, error);
      const message = `${said} The request was about the cluster ${cluster}.`;
      return { value: null, unread: [{ fact, reason, message, remedy }] };
    }
  };
  const [vpcCni, fargateProfiles] = await Promise.all([
    orUnread('vpcCni', 'eks:DescribeAddon', readVpcCni(place, cluster)),
    orUnread(
      'fargateProfiles',
      'eks:ListFargateProfiles and eks:DescribeFargateProfile',
      readFargate(place, cluster),
    ),
  ]);
  return {
    vpcCni: vpcCni.value,
    fargateProfiles: fargateProfiles.value,
    // In one order, whichever answer came first.
    unread: [...vpcCni.unread, ...fargateProfiles.unread],
  };
}

async function readVpcCni({ eks }: Place, clusterName: string): Promise<VpcCniAddon | 'none'> {
  try {
    const { addon } = await eks.send(new DescribeAddonCommand({ clusterName, addonName: 'vpc-cni' }));
    if (addon?.addonName !== 'vpc-cni') throw new Error('the answer describes no add-on vpc-cni');
    return {
      version: addon.addonVersion ?? null,
      status: addon.status ?? null,
      ...parseVpcCniValues(addon.configurationValues ?? ''),
    };
  } catch (error) {
    if (codeOf(error) === 'ResourceNotFoundException') return 'none';
    throw error;
  }
}

/**
 * Reads the configuration values of the add-on, JSON or YAML as they were given. Network policies are off
 * unless `enableNetworkPolicy` is "true", a string by its schema
 * (https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html); the mode is an
 * environment variable, `standard` unless given (https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html).
 */
export function parseVpcCniValues(values: string): Pick<VpcCniAddon, 'networkPolicy' | 'enforcingMode'> {
  const read = parseValues(values);
  if (read === null) return { networkPolicy: null, enforcingMode: null };
  const enabled = String(read['enableNetworkPolicy'] ?? 'false');
  const env = asMapping(read['env']) ?? {};
  const mode = env['NETWORK_POLICY_ENFORCING_MODE'] ?? 'standard';
  return {
    networkPolicy: enabled === 'true' ? true : enabled === 'false' ? false : null,
    enforcingMode: typeof mode === 'string' ? mode : null,
  };
}

function parseValues(values: string): Readonly<Record<string, unknown>> | null {
  if (values.trim() === '') return {};
  try {
    return asMapping(parse(values, { maxAliasCount: 0, logLevel: 'error' }));
  } catch {
    return null;
  }
}

function asMapping(value: unknown): Readonly<Record<string, unknown>> | null {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMapping ? (value as Readonly<Record<string, unknown>>) : null;
}

async function readFargate({ eks }: Place, clusterName: string): Promise<readonly FargateProfile[]> {
  const names: string[] = [];
  const tokens = new Set<string>();
  for await (const page of paginateListFargateProfiles({ client: eks }, { clusterName })) {
    if (page.fargateProfileNames === undefined) throw new Error('the answer holds no list of profiles');
    names.push(...page.fargateProfileNames);
    const isAgain = page.nextToken !== undefined && tokens.has(page.nextToken);
    tokens.add(page.nextToken ?? '');
    if (isAgain || names.length > MOST_PROFILES) throw new Error('the list of profiles does not end');
  }
  return inParallel(names, 4, async (fargateProfileName) => {
    const { fargateProfile } = await eks.send(
      new DescribeFargateProfileCommand({ clusterName, fargateProfileName }),
    );
    if (fargateProfile?.selectors === undefined) throw new Error('the answer holds no selectors');
    if (fargateProfile.fargateProfileName !== fargateProfileName) {
      throw new Error('the answer describes another profile');
    }
    return {
      name: fargateProfileName,
      status: fargateProfile.status ?? null,
      selectors: fargateProfile.selectors.map(({ namespace, labels }) => ({
        namespace: namespace ?? '*',
        labels: labels ?? {},
      })),
    };
  });
}
