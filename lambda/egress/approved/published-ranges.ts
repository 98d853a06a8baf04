import { type AddressSet, fromCidrs, intersect, isNothing } from '../sets/address-set.ts';
import { NO_PORTS, onePort, unionPorts } from '../sets/port-set.ts';
import { AZURE_FRONT_DOOR_BLOCKS } from './ranges/azure-front-door-blocks.ts';
import { CLOUDFRONT_BLOCKS } from './ranges/cloudfront-blocks.ts';
import { GOOGLE_BLOCKS } from './ranges/google-blocks.ts';
import { S3_BLOCKS } from './ranges/s3-blocks.ts';

/** Address ranges that an operator publishes and from which package registries are served. */
export interface PublishedRanges {
  readonly operator: string;
  /** Some of what is fetched from there. */
  readonly serves: readonly string[];
  /** Where the operator publishes the list. */
  readonly source: string;
  /** State of the copy below, `YYYY-MM-DD`. Operators add ranges over time. */
  readonly asOf: string;
  readonly cidrs: readonly string[];
  /** TCP ports on which it serves them, besides 80 and 443. */
  readonly ports?: readonly number[];
}

const WEB_PORTS = [80, 443];

/**
 * To see that a narrow address rule may still reach a registry. Shared networks: who reaches one of these
 * ranges may reach a registry or only something else, since an address does not tell names apart. A registry
 * may also be served from ranges that its operator does not publish.
 */
export const PUBLISHED_RANGES: readonly PublishedRanges[] = [
  {
    operator: 'Fastly',
    serves: ['PyPI', 'RubyGems', 'crates.io', 'Debian', 'Alpine', 'Maven Central'],
    // As https://github.com/rezmoss/cloud-provider-ip-addresses keeps it (fastly/fastly.netset).
    source: 'https://api.fastly.com/public-ip-list',
    asOf: '2026-07-02',
    cidrs: [
      '23.235.32.0/20',
      '43.249.72.0/22',
      '103.244.50.0/24',
      '103.245.222.0/23',
      '103.245.224.0/24',
      '104.156.80.0/20',
      '140.248.64.0/18',
      '140.248.128.0/17',
      '146.75.0.0/17',
      '151.101.0.0/16',
      '157.52.64.0/18',
      '167.82.0.0/17',
      '167.82.128.0/20',
      '167.82.160.0/20',
      '167.82.224.0/20',
      '172.111.64.0/18',
      '185.31.16.0/22',
      '199.27.72.0/21',
      '199.232.0.0/16',
      '2a04:4e40::/32',
      '2a04:4e42::/32',
    ],
  },
  {
    operator: 'Cloudflare',
    serves: ['npm', 'Yarn', 'Conda', 'unpkg'],
    // As https://github.com/lord-alfred/ipranges keeps it (cloudflare/).
    source: 'https://www.cloudflare.com/ips-v4 and https://www.cloudflare.com/ips-v6',
    asOf: '2026-08-22',
    cidrs: [
      '103.21.244.0/22',
      '103.22.200.0/22',
      '103.31.4.0/22',
      '104.16.0.0/13',
      '104.24.0.0/14',
      '108.162.192.0/18',
      '131.0.72.0/22',
      '141.101.64.0/18',
      '162.158.0.0/15',
      '172.64.0.0/13',
      '173.245.48.0/20',
      '188.114.96.0/20',
      '190.93.240.0/20',
      '197.234.240.0/22',
      '198.41.128.0/17',
      '2400:cb00::/32',
      '2405:8100::/32',
      '2405:b500::/32',
      '2606:4700::/32',
      '2803:f800::/32',
      '2a06:98c0::/29',
      '2c0f:f248::/32',
    ],
  },
  {
    operator: 'GitHub',
    serves: ['GitHub', 'GitHub Packages'],
    // As https://github.com/femueller/cloud-ip-ranges keeps it (github-ip-ranges.json).
    // The keys web, git and packages; the single addresses, in clouds of others, change more often than the blocks.
    source: 'https://api.github.com/meta',
    asOf: '2025-07-25',
    cidrs: [
      '140.82.112.0/20',
      '143.55.64.0/20',
      '185.199.108.0/22',
      '192.30.252.0/22',
      '4.208.26.196/31',
      '4.208.26.198/32',
      '4.225.11.194/32',
      '4.225.11.196/32',
      '4.225.11.200/32',
      '4.237.22.32/32',
      '4.237.22.38/32',
      '4.237.22.40/32',
      '20.26.156.211/32',
      '20.26.156.214/31',
      '20.27.177.113/32',
      '20.27.177.117/32',
      '20.27.177.118/32',
      '20.29.134.18/31',
      '20.29.134.23/32',
      '20.87.245.0/31',
      '20.87.245.4/32',
      '20.175.192.146/31',
      '20.175.192.150/32',
      '20.199.39.227/32',
      '20.199.39.231/32',
      '20.199.39.232/32',
      '20.200.245.241/32',
      '20.200.245.247/32',
      '20.200.245.248/32',
      '20.201.28.144/32',
      '20.201.28.151/32',
      '20.201.28.152/32',
      '20.205.243.160/32',
      '20.205.243.164/32',
      '20.205.243.166/32',
      '20.207.73.82/31',
      '20.207.73.86/32',
      '20.217.135.1/32',
      '20.217.135.4/31',
      '20.233.83.145/32',
      '20.233.83.147/32',
      '20.233.83.149/32',
      '2606:50c0::/32',
      '2a0a:a440::/29',
    ],
    // Git over SSH and by its own protocol.
    ports: [22, 9418],
  },
  {
    operator: 'Amazon S3',
    serves: ['Amazon Linux'],
    source: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
    asOf: '2026-08-22',
    cidrs: S3_BLOCKS,
  },
  {
    operator: 'Amazon CloudFront',
    serves: ['cdn.amazonlinux.com', 'crates.io'],
    source: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
    asOf: '2026-08-22',
    cidrs: CLOUDFRONT_BLOCKS,
  },
  {
    operator: 'Google',
    serves: ['Go modules', 'pub.dev', 'Artifact Registry', "Google's Maven repository"],
    source: 'https://www.gstatic.com/ipranges/goog.json less https://www.gstatic.com/ipranges/cloud.json',
    asOf: '2026-08-22',
    cidrs: GOOGLE_BLOCKS,
  },
  {
    operator: 'Azure Front Door',
    serves: ['NuGet', '.NET', 'Microsoft packages'],
    source: 'https://www.microsoft.com/en-us/download/details.aspx?id=56519 (AzureFrontDoor.Frontend)',
    asOf: '2026-06-20',
    cidrs: AZURE_FRONT_DOOR_BLOCKS,
  },
];

const published = PUBLISHED_RANGES.map((ranges) => ({
  ranges,
  destinations: fromCidrs(
    ranges.cidrs,
    [...WEB_PORTS, ...(ranges.ports ?? [])].map((port) => onePort('TCP', port)).reduce(unionPorts, NO_PORTS),
  ),
}));

/** The operators whose published ranges some of these destinations touch on the ports on which they serve registries. */
export function publishedRangesReached(reach: AddressSet): readonly PublishedRanges[] {
  return published.flatMap(({ ranges, destinations }) =>
    isNothing(intersect(reach, destinations)) ? [] : [ranges],
  );
}
