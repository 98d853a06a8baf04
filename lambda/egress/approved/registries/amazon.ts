import type { PackageRegistry } from './package-registry.ts';

/** Such as eu-west-1 or us-gov-west-1: other parts of names of Amazon, such as `rds` or `vpce`, are no regions. */
const REGION = '*-*-*';

/**
 * The names of a bucket of S3 in requests: virtual-hosted style with and without a region, dual-stack and
 * FIPS, in China, and through an interface endpoint.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
 */
const bucket = (name: string): readonly string[] => [
  `${name}.s3*.amazonaws.com`,
  `${name}.s3*.${REGION}.amazonaws.com`,
  `${name}.s3*.dualstack.${REGION}.amazonaws.com`,
  `${name}.s3.${REGION}.amazonaws.com.cn`,
  `${name}.s3.dualstack.${REGION}.amazonaws.com.cn`,
  `${name}.bucket.*.s3.${REGION}.vpce.amazonaws.com`,
];

/** Of Amazon, whose hosts have the region in the middle. */
export const AMAZON: readonly PackageRegistry[] = [
  // https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetRepositoryEndpoint.html
  {
    name: 'AWS CodeArtifact',
    // DOMAIN-ACCOUNT.d.codeartifact.REGION.amazonaws.com serves packages, as does the API without DOMAIN
    // (GetPackageVersionAsset); .on.aws is dual-stack, .vpce. an endpoint without private DNS.
    domains: [
      `codeartifact.${REGION}.amazonaws.com`,
      `codeartifact.${REGION}.on.aws`,
      `codeartifact.${REGION}.api.aws`,
      `codeartifact.${REGION}.vpce.amazonaws.com`,
    ],
  },
  // https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html
  {
    name: 'AWS CodeCommit',
    domains: [
      `git-codecommit.${REGION}.amazonaws.com`,
      `git-codecommit-fips.${REGION}.amazonaws.com`,
      `git-codecommit.${REGION}.vpce.amazonaws.com`,
    ],
  },
  // https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
  {
    name: 'Amazon Linux 2023',
    domains: ['amazonlinux.com', ...bucket('al2023-repos-*')],
  },
  // https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
  {
    name: 'Amazon Linux 2 and 1',
    domains: [
      ...bucket('amazonlinux-2-repos-*'),
      ...['amazonlinux', 'packages', 'repo'].flatMap((name) => [
        `${name}.${REGION}.amazonaws.com`,
        `${name}.${REGION}.amazonaws.com.cn`,
      ]),
    ],
  },
  // https://github.com/corretto/corretto-docker/blob/HEAD/8/jdk/al2/Dockerfile
  {
    name: 'Amazon Corretto',
    domains: ['corretto.aws'],
  },
  // https://github.com/aws-neuron/aws-neuron-sdk/blob/HEAD/deploy/environments/docker-setup.rst
  {
    name: 'AWS Neuron',
    domains: ['repos.neuron.amazonaws.com'],
  },
  // https://docs.aws.amazon.com/eks/latest/userguide/install-kubectl.html
  {
    name: 'kubectl of Amazon EKS',
    domains: bucket('amazon-eks'),
  },
];
