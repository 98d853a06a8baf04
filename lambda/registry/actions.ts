import type { RegistryLevel } from '../inventory/images.ts';

/** Who must allow an action, and for what. */
export interface RegistryAction {
  /** What it is needed for. */
  readonly what: string;
  readonly level: RegistryLevel;
  /** `repository`: it can be allowed for the ARNs of repositories; `all`: for no resource. */
  readonly scope: 'repository' | 'all';
  /** Lets its holder pull images, alone or with others of its level. */
  readonly pulls?: true;
  /** Called only unless `images.scans: off`. */
  readonly scans?: true;
}

/**
 * Every IAM action that reading ECR calls, by the level of `images.registry` from which it is called.
 * Which of them take the ARN of a repository: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
 */
export const REGISTRY_ACTIONS = {
  'ecr:DescribeRepositories': {
    what: 'whether tags can be overwritten',
    level: 'metadata',
    scope: 'repository',
  },
  'ecr:DescribeImages': {
    what: 'when images were pushed, what tags point at, basic scans',
    level: 'metadata',
    scope: 'repository',
  },
  'ecr:DescribePullThroughCacheRules': {
    what: 'which repositories are caches',
    level: 'metadata',
    scope: 'all',
  },
  'ecr:GetRegistryScanningConfiguration': {
    what: 'whether images are scanned by Inspector',
    level: 'metadata',
    scope: 'all',
    scans: true,
  },
  'inspector2:ListCoverage': {
    what: 'which images Inspector scans, where it does',
    level: 'metadata',
    scope: 'all',
    scans: true,
  },
  'ecr:BatchGetImage': {
    what: 'the images of an index, and where SBOMs are',
    level: 'sbom-presence',
    scope: 'repository',
    pulls: true,
  },
  'ecr:GetDownloadUrlForLayer': {
    what: "SBOMs, and the user of an image's configuration",
    level: 'sbom-collect',
    scope: 'repository',
    pulls: true,
  },
} as const satisfies Readonly<Record<string, RegistryAction>>;

export type RegistryActionName = keyof typeof REGISTRY_ACTIONS;
