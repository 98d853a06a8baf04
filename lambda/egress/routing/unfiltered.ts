import { type AddressSet, fromCidrs, fromSpans, spansOf, unionAll } from '../address-set.ts';
import { onePort, unionPorts } from '../port-set.ts';

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

/** With the resolver at the base of each IPv4 block of the VPC plus two. */
export function unfiltered(local: AddressSet): AddressSet {
  const resolvers = spansOf(local).flatMap(({ span }) =>
    span.family === 4 ? [fromSpans([{ family: 4, from: span.from + 2, end: span.from + 3 }], DNS)] : [],
  );
  return unionAll([SERVICES, ...resolvers]);
}
