import { fromCidrs, intersect, isNothing } from './address-set.ts';
import { fromExternalRanges } from './answer.ts';
import type { ExternalRange } from './model.ts';
import { onePort, unionPorts } from './port-set.ts';

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
}

/**
 * To see that a narrow address rule still reaches a registry. Shared networks: reaching one of these
 * ranges reaches much else, and a registry may be served from ranges that nobody publishes, so this
 * adds to the question "how much of the internet" and never answers it with no.
 */
export const PUBLISHED_RANGES: readonly PublishedRanges[] = [
  {
    operator: 'Fastly',
    serves: ['PyPI', 'RubyGems', 'crates.io', 'Debian', 'Alpine', 'Maven Central'],
    source: 'https://api.fastly.com/public-ip-list',
    asOf: '2023-06-06',
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
    source: 'https://www.cloudflare.com/ips-v4 and https://www.cloudflare.com/ips-v6',
    asOf: '2024-06-25',
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
    // GitHub's own networks; the single cloud addresses of the same list change too often to copy.
    source: 'https://api.github.com/meta',
    asOf: '2026-02-11',
    cidrs: [
      '140.82.112.0/20',
      '143.55.64.0/20',
      '185.199.108.0/22',
      '192.30.252.0/22',
      '2606:50c0::/32',
      '2a0a:a440::/29',
    ],
  },
];

const WEB_PORTS = unionPorts(onePort('TCP', 80), onePort('TCP', 443));

const published = PUBLISHED_RANGES.map((ranges) => ({
  ranges,
  destinations: fromCidrs(ranges.cidrs, WEB_PORTS),
}));

/** The operators whose published ranges some of these destinations touch on TCP 80 or 443. */
export function publishedRangesReached(external: readonly ExternalRange[]): readonly PublishedRanges[] {
  const reach = fromExternalRanges(external);
  return published.flatMap(({ ranges, destinations }) =>
    isNothing(intersect(reach, destinations)) ? [] : [ranges],
  );
}
