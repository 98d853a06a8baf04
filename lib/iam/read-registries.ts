import { Aws } from 'aws-cdk-lib';
import type { Config } from '../../lambda/config/config.ts';
import { registryLevel } from '../../lambda/config/schema-images.ts';
import { REGISTRY_LEVELS, type RegistryLevel, reaches } from '../../lambda/inventory/images.ts';
import {
  REGISTRY_ACTIONS,
  type RegistryAction,
  type RegistryActionName,
} from '../../lambda/registry/actions.ts';
import type { Permission } from './grant.ts';
import { unscopedReason } from './unscoped.ts';

/** Names of statements: what a level adds to those before it. */
const SIDS: Readonly<Record<RegistryLevel, string>> = {
  metadata: 'DescribeImages',
  'sbom-presence': 'ReadManifests',
  'sbom-collect': 'ReadImages',
};

/** What each is for, in one sentence. */
const REASONS: Readonly<Record<RegistryLevel, string>> = {
  metadata:
    'When running images were pushed, what their tags point at, whether these can be overwritten, and basic scans; not with images.registry: off.',
  'sbom-presence':
    'Which images an index contains, and where SBOMs are, with images.registry: sbom-presence or sbom-collect. With it manifests can be pulled.',
  'sbom-collect':
    'SBOMs, and the user that images run as, with images.registry: sbom-collect. With it images can be pulled.',
};

interface Asked {
  readonly level: RegistryLevel;
  readonly scans: Config['images']['scans'];
}

function actionsOf({ level, scans }: Asked, scope: RegistryAction['scope']): readonly RegistryActionName[] {
  const all: Readonly<Record<RegistryActionName, RegistryAction>> = REGISTRY_ACTIONS;
  return (Object.keys(REGISTRY_ACTIONS) as RegistryActionName[]).filter(
    (action) =>
      all[action].level === level &&
      all[action].scope === scope &&
      (scans === 'auto' || all[action].scans !== true),
  );
}

/**
 * Asks ECR about images, for `images.registry`: what one level adds to those before it. The last two may pull images. In
 * any region: clusters pull images from other regions than their own, which no configuration names.
 */
export function readRegistriesAt(
  level: RegistryLevel,
  scans: Asked['scans'] = 'auto',
): readonly Permission[] {
  const repositories = actionsOf({ level, scans }, 'repository');
  const registry = actionsOf({ level, scans }, 'all');
  return [
    {
      sid: SIDS[level],
      reason: REASONS[level],
      actions: repositories,
      resources: [`arn:${Aws.PARTITION}:ecr:*:*:repository/*`],
      wildcard:
        'Which repositories images come from is known only when clusters are read; another account decides about its own by their policies.',
    },
    ...(registry.length === 0
      ? []
      : [
          {
            sid: 'DescribeRegistries',
            reason:
              'Which repositories are caches of other registries, and how and when images were scanned.',
            actions: registry,
            resources: ['*'],
            wildcard: unscopedReason(registry),
          },
        ]),
  ];
}

/** All of a configuration that is deployed. */
export function readRegistries({ images }: Pick<Config, 'images'>): readonly Permission[] {
  const level = registryLevel(images, 'metadata');
  if (level === null) return [];
  const secrets = images.registries.flatMap(({ secretArn }) => secretArn ?? []);
  return [
    ...REGISTRY_LEVELS.filter((one) => reaches(level, one)).flatMap((one) =>
      readRegistriesAt(one, images.scans),
    ),
    ...(secrets.length === 0
      ? []
      : [
          {
            sid: 'ReadRegistryLogins',
            reason: 'The logins of images.registries, and no other secret.',
            actions: ['secretsmanager:GetSecretValue'],
            resources: [...new Set(secrets)].sort(),
          },
        ]),
  ];
}
