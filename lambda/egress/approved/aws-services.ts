import { isUnread, type Route, type Unread, type VpcFacts } from '../../inventory/vpc.ts';

/** CIDR blocks of AWS services by the end of the name of their VPC endpoint, such as `s3`. */
export type AwsServices = ReadonlyMap<string, readonly string[]>;

/**
 * The services whose addresses a VPC has: those with a gateway endpoint, to which its route tables
 * lead the prefix list of the service. AWS maintains these lists: "sets of IP address ranges for AWS
 * services", https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html.
 * A service of which some list could not be read is not among them.
 */
export function awsServices(vpc: VpcFacts | Unread | undefined): AwsServices {
  if (vpc === undefined || isUnread(vpc) || isUnread(vpc.endpoints)) return new Map();
  const routes = vpc.routeTables.flatMap((table) => table.routes);
  const known = vpc.endpoints.flatMap(({ id, type, service }) => {
    const name = type === 'Gateway' ? serviceOf(service ?? '') : null;
    const blocks = blocksTo(id, routes, vpc.prefixLists);
    return name === null || blocks === null ? [] : [[name, blocks] as const];
  });
  return new Map(known);
}

/** `com.amazonaws.eu-west-1.s3` is `s3`; in China the name begins with `cn.`. */
const serviceOf = (name: string): string | null =>
  /^(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\.(.+)$/.exec(name)?.[1] ?? null;

/** @returns null if no route has them, or a list was not read */
function blocksTo(
  endpoint: string,
  routes: readonly Route[],
  lists: VpcFacts['prefixLists'],
): readonly string[] | null {
  const ids = routes.flatMap(({ destination, target, id }) =>
    target === 'VPC endpoint' && id === endpoint && 'prefixList' in destination
      ? [destination.prefixList]
      : [],
  );
  const blocks = new Set<string>();
  for (const id of new Set(ids)) {
    const entries = lists.get(id);
    if (entries === undefined || isUnread(entries)) return null;
    for (const entry of entries) blocks.add(entry);
  }
  return blocks.size === 0 ? null : [...blocks];
}
