import { eksTarget, gapTarget } from '../audit/discovered-targets.ts';
import type { Config } from '../config/config.ts';
import { accountOfArn, openAwsAccess } from '../connect/aws/access.ts';
import { ownRegion } from '../connect/aws/region.ts';
import { type Discovery, discoverClusters } from '../discover/discover.ts';
import { UsageError } from '../errors.ts';
import type { SbomSink } from '../registry/registry.ts';
import type { OpenTargets } from './open-targets.ts';
import type { SourceOptions } from './options.ts';

/**
 * The clusters of `--eks` or `--all-eks`, found with the ordinary AWS credentials.
 * @throws UsageError for flags that cannot be meant, and for names that no cluster has
 */
export async function eksTargets(
  options: SourceOptions,
  config: Config,
  sbomSink?: SbomSink,
): Promise<OpenTargets> {
  const { roleArn, region: regions } = options;
  const names = options.allEks ? undefined : options.eks;
  checkFlags(options);
  const configured = config.accounts[0] ?? config.organization;
  const home = (await ownRegion()) ?? regions?.[0] ?? configured?.regions[0];
  if (home === undefined) {
    throw new UsageError(
      'No AWS region is set. Give --region, or set AWS_REGION or the region of the profile.',
    );
  }
  const access = openAwsAccess({ region: home });
  const found = await discoverClusters({ config, access, names, roleArn, regions });
  try {
    checkFound(found, names);
  } catch (error) {
    access.close();
    throw error;
  }
  return {
    targets: [
      ...found.targets.map((target) =>
        eksTarget(target, access, {
          gzip: true,
          routing: config.egress.routing,
          measure: config.measure,
          registries: { config, otherwise: 'off', sbomSink },
        }),
      ),
      ...found.gaps.map(gapTarget),
    ],
    selected: true,
    scope: names || regions || roleArn ? null : found,
    excluded: found.excluded,
    close: async () => access.close(),
  };
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html (name) */
const CLUSTER_NAME = /^[0-9A-Za-z][\w-]{0,99}$/;

function checkFlags({ eks = [], region = [], roleArn }: SourceOptions): void {
  for (const name of eks) {
    if (CLUSTER_NAME.test(name)) continue;
    throw new UsageError(`--eks takes the name of a cluster, not "${name}"; give its region with --region.`);
  }
  for (const name of region) {
    if (/^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/.test(name)) continue;
    throw new UsageError(`--region takes a region such as eu-west-1, not "${name}".`);
  }
  if (roleArn !== undefined && accountOfArn(roleArn) === null) {
    throw new UsageError(
      `--role-arn takes the ARN of a role such as arn:aws:iam::111122223333:role/Auditor, not "${roleArn}".`,
    );
  }
}

/** A place that could not be looked at may have the cluster: then it is the place that is reported. */
function checkFound(
  { targets, gaps, excluded, absent }: Discovery,
  names: readonly string[] | undefined,
): void {
  const everywhere = gaps.every(({ scope }) => scope === 'cluster');
  if (absent.length > 0 && everywhere) {
    throw new UsageError(
      `There is no EKS cluster ${absent.map((name) => `"${name}"`).join(', ')} in the accounts and regions that were searched; give the right --region, or list the clusters with aws eks list-clusters.`,
    );
  }
  if (targets.length > 0 || gaps.length > 0) return;
  throw new UsageError(
    excluded.length > 0
      ? `The configuration excludes ${names === undefined ? 'every cluster that was found' : 'every cluster that was named'}; change clusters.include, clusters.exclude or the tags.`
      : 'There is no EKS cluster in the accounts and regions that were searched; give the right --region.',
  );
}
