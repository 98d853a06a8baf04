import { type HostMatch, normalName } from '../sets/hosts.ts';

/**
 * Whether every name that the host rule admits is approved by the pattern of the configuration: a name
 * stands for itself, `*.example.com` for every name below example.com, however deep, and not for
 * example.com itself.
 *
 * The wildcards of a rule differ by kind ({@link HostMatch}): in Cilium `*` stands for characters other
 * than the dot, anywhere and also for none, and a leading `**.` for any names below; in Calico and in
 * the policies of Amazon and of administrators it stands for one or more whole labels. In each it may
 * stand for endlessly many names, so what is written after a rule's last wildcard must lie below the
 * approved domain: `*.eu.example.com` and `api-*.example.com` do, `*example.com` and `*.com` do not.
 * For the same reason several patterns never approve together what none of them approves alone.
 */
export function isHostApproved(pattern: string, { host }: Pick<HostMatch, 'host'>): boolean {
  const name = normalName(host);
  const approved = normalName(pattern);
  return approved.startsWith('*.') ? isBelow(name, approved.slice(2)) : name === approved;
}

/** Wildcards of the rule may stand only in front of the domain. */
const isBelow = (name: string, domain: string): boolean =>
  name.length > domain.length + 1 && name.endsWith(`.${domain}`);

/**
 * Whether every name that the host rule admits is an endpoint of the AWS service.
 *
 * "The general syntax of a Regional endpoint is as follows: protocol://service-code.region-code.amazonaws.com"
 * (https://docs.aws.amazon.com/general/latest/gr/rande.html), also without a region, in China below
 * amazonaws.com.cn. VPC endpoints have the same names by private DNS, with the parts of the service in
 * reverse: `ecr.api` is api.ecr, `ecr.dkr` has registries below dkr.ecr
 * (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html). A service whose endpoints
 * are called otherwise is approved by `hosts`.
 *
 * By IPv6 as well they are called SERVICE.REGION.api.aws (https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html),
 * with exceptions: S3 has the label `dualstack` before the region
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/dual-stack-endpoints.html), ECR is `ecr` there, and its registries are below
 * dkr-ecr.REGION.on.aws (https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html).
 *
 * @param service as in the name of its VPC endpoint, such as `s3` or `ecr.api`
 */
export function isAwsEndpoint(service: string, { host }: Pick<HostMatch, 'host'>): boolean {
  const labels = normalName(host).split('.');
  return isOrdinary(service, labels) || isDualStack(service, labels);
}

function isOrdinary(service: string, labels: readonly string[]): boolean {
  const rest =
    withoutSuffix(labels, ['amazonaws', 'com', 'cn']) ?? withoutSuffix(labels, ['amazonaws', 'com']);
  if (rest === null) return false;
  const regional = isRegion(rest.at(-1) ?? '');
  const named = regional ? rest.slice(0, -1) : rest;
  const name = (regional && service === 's3' ? withoutSuffix(named, ['dualstack']) : null) ?? named;
  return withoutSuffix(name, service.split('.').reverse()) !== null;
}

/** What comes after the region. */
const DUAL_STACK = [
  ['api', 'aws'],
  ['api', 'amazonwebservices', 'com', 'cn'],
];
const DUAL_STACK_REGISTRIES = [
  ['on', 'aws'],
  ['on', 'amazonwebservices', 'com', 'cn'],
];

function isDualStack(service: string, labels: readonly string[]): boolean {
  const registries = service === 'ecr.dkr';
  const name = registries ? ['dkr-ecr'] : service === 'ecr.api' ? ['ecr'] : service.split('.').reverse();
  return (registries ? DUAL_STACK_REGISTRIES : DUAL_STACK).some((suffix) => {
    const rest = withoutSuffix(labels, suffix);
    return rest !== null && isRegion(rest.at(-1) ?? '') && withoutSuffix(rest.slice(0, -1), name) !== null;
  });
}

const isRegion = (label: string): boolean => /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/.test(label);

function withoutSuffix(labels: readonly string[], suffix: readonly string[]): readonly string[] | null {
  const at = labels.length - suffix.length;
  return at >= 0 && suffix.every((label, index) => labels[at + index] === label) ? labels.slice(0, at) : null;
}
