import { type HostMatch, haveCommonName } from '../../sets/hosts.ts';
import type { PackageRegistry } from './package-registry.ts';

const REGION = '*-*-*';

/**
 * Names behind which everybody's buckets are, told apart by the path of a request: some of them are package
 * registries, and a name alone does not tell whether these are meant. Names below them are buckets of their own.
 */
const SHARED_HOSTS: readonly PackageRegistry[] = [
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#path-style-access
  {
    name: 'Amazon S3 (Amazon Linux)',
    domains: [
      's3.amazonaws.com',
      `s3.${REGION}.amazonaws.com`,
      `s3-${REGION}.amazonaws.com`,
      `s3.dualstack.${REGION}.amazonaws.com`,
      `s3.${REGION}.amazonaws.com.cn`,
    ],
  },
  // https://cloud.google.com/storage/docs/request-endpoints
  {
    name: 'Google Cloud Storage (Maven Central, Flutter)',
    domains: ['storage.googleapis.com'],
  },
];

/** What of these the rule admits. */
export const sharedHostsAdmitted = (host: Pick<HostMatch, 'host' | 'wildcard'>): readonly string[] =>
  SHARED_HOSTS.filter(({ domains }) =>
    domains.some((domain) => haveCommonName(host, { host: domain, wildcard: 'label' })),
  ).map(({ name }) => name);
