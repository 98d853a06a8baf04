import { type HostMatch, meetInName, readDomain, readPattern } from '../../sets/hosts.ts';
import type { PackageRegistry } from './package-registry.ts';

const REGION = '*-*-*';

/**
 * Host names shared by the buckets of all customers, which differ by the path of a request: some of them are package
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

const READ = SHARED_HOSTS.map(({ name, domains }) => ({ name, domains: domains.map(readDomain) }));

/** What of these the rule admits. */
export function sharedHostsAdmitted(host: Pick<HostMatch, 'host' | 'wildcard'>): readonly string[] {
  const pattern = readPattern(host);
  return READ.filter(({ domains }) => domains.some((domain) => meetInName(pattern, domain))).map(
    ({ name }) => name,
  );
}
