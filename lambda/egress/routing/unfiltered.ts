import { type AddressSet, fromCidrs, fromSpans, union, unionAll } from '../sets/address-set.ts';
import { onePort, unionPorts } from '../sets/port-set.ts';
import { anyOf, type Bounded, definite, perhaps } from './bounded.ts';
import type { VpcBlocks } from './vpc-blocks.ts';

const DNS = unionPorts(onePort('TCP', 53), onePort('UDP', 53));

/**
 * Services of the VPC itself that neither security groups nor routes keep traffic from: its DNS, instance
 * metadata, time, and the activation of Windows. How far a pod gets at them is decided on the node.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
 */
const SERVICES: AddressSet = unionAll([
  fromCidrs(['169.254.169.253/32', 'fd00:ec2::253/128'], DNS),
  fromCidrs(['169.254.169.254/32', 'fd00:ec2::254/128'], onePort('TCP', 80)),
  fromCidrs(['169.254.169.123/32', 'fd00:ec2::123/128'], onePort('UDP', 123)),
  fromCidrs(['169.254.169.250/31'], onePort('TCP', 1688)),
]);

/**
 * With the resolver of the VPC, at the base of its primary IPv4 block plus two. Which of several blocks is the primary
 * one, and whether a block is one at all, is not shown by route tables.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
export function unfiltered({ known, perhaps: others }: VpcBlocks): Bounded {
  const resolvers = [...known, ...others].flatMap(({ family, from }) =>
    family === 4 ? [fromSpans([{ family, from: from + 2, end: from + 3 }], DNS)] : [],
  );
  const [only, ...more] = resolvers;
  if (only === undefined) return definite(SERVICES);
  return more.length === 0 && others.length === 0
    ? definite(union(SERVICES, only))
    : anyOf([definite(SERVICES), ...resolvers.map((one) => perhaps(one, WHICH_IS_PRIMARY))]);
}

const WHICH_IS_PRIMARY =
  'The DNS resolver of the VPC is at the base of its primary CIDR block plus two, and the primary block is not known.';
