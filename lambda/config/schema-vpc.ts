import * as z from 'zod';
import { mustBe } from '../wording.ts';
import * as field from './fields.ts';

/** `deployment.vpc`: where the function runs that reads clusters. */
export const vpc = () =>
  field
    .mapping(
      {
        id: field
          .named(/^vpc-[0-9a-f]{8,17}$/, {
            what: 'the id of a VPC',
            form: 'one such as vpc-0123456789abcdef0',
          })
          .meta({ description: 'The VPC.' }),
        subnets: field
          .someOf(
            field.named(/^subnet-[0-9a-f]{8,17}$/, {
              what: 'the id of a subnet',
              form: 'one such as subnet-0123456789abcdef0',
            }),
            'a list of subnet ids',
            'list private subnets with routes to the clusters and to the AWS APIs',
          )
          .meta({
            description:
              'Private subnets with routes to the clusters and, through NAT or VPC endpoints, to the AWS APIs.',
          }),
        clusterSecurityGroups: field.listSection(
          field.listOf(securityGroup(), 'a list of security group ids'),
          'Cluster security groups that get an ingress rule on 443 for the function.',
        ),
        endpoints: field.oneOfOrOff(['create'], 'create or off').prefault('off').meta({
          description:
            'create: makes the VPC endpoints that the function needs, for it alone; list one subnet for each availability zone then. off: the VPC has NAT, or its own endpoints.',
        }),
        ipv6: z
          .literal(['on', 'off', 'only', true, false], { error: mustBe('on, off or only') })
          .transform((value) => (value === true ? 'on' : value === false ? 'off' : value))
          .prefault('off')
          .meta({
            description:
              'on: the function may use IPv6, as nodes of IPv6 clusters take it; the subnets must be dual-stack. only: AWS APIs outside of the VPC are asked by IPv6 as well, at their dual-stack endpoints, for subnets without NAT but with an egress-only internet gateway.',
          }),
        routeTables: field.listSection(
          field.listOf(routeTable(), 'a list of route table ids'),
          'With endpoints: create, the route tables of the subnets, which get a gateway endpoint for S3; leave it out if they have one.',
        ),
      },
      'a mapping such as { id: vpc-…, subnets: [subnet-…] }',
    )
    .superRefine(({ endpoints, routeTables }, context) => {
      if (endpoints === 'create' || routeTables.length === 0) return;
      const message = 'get a gateway endpoint only with endpoints: create; add it, or leave routeTables out.';
      context.addIssue({ code: 'custom', message, path: ['routeTables'] });
    });

const routeTable = () =>
  field.named(/^rtb-[0-9a-f]{8,17}$/, {
    what: 'the id of a route table',
    form: 'one such as rtb-0123456789abcdef0',
  });

const securityGroup = () =>
  field.named(/^sg-[0-9a-f]{8,17}$/, {
    what: 'the id of a security group',
    form: 'one such as sg-0123456789abcdef0',
  });
