import { describe, expect, test } from '@jest/globals';
import { approvedDestinations } from '../../../lambda/egress/approved/approved.ts';
import { awsServices } from '../../../lambda/egress/approved/aws-services.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { Route, VpcEndpoint, VpcFacts } from '../../../lambda/inventory/vpc.ts';
import { egressOf, NO_CONFIG } from '../support/build.ts';

const S3: VpcEndpoint = { id: 'vpce-1', type: 'Gateway', service: 'com.amazonaws.eu-west-1.s3' };
const toS3: Route = {
  destination: { prefixList: 'pl-s3' },
  target: 'VPC endpoint',
  id: 'vpce-1',
  active: true,
  propagated: false,
};

const vpc = (facts: Partial<VpcFacts> = {}, routes: readonly Route[] = [toS3]): VpcFacts => ({
  routeTables: [{ id: 'rtb-1', main: true, subnets: [], routes }],
  securityGroups: [],
  natGateways: [],
  endpoints: [S3],
  prefixLists: new Map([['pl-s3', ['52.218.0.0/17', '3.5.64.0/21']]]),
  ...facts,
});

describe('the addresses of an AWS service', () => {
  test('the addresses of an AWS service are those of the prefix list that routes lead to its gateway endpoint', () => {
    expect([...awsServices(vpc())]).toEqual([['s3', ['52.218.0.0/17', '3.5.64.0/21']]]);
    const china = { ...S3, service: 'cn.com.amazonaws.cn-north-1.s3' };
    expect([...awsServices(vpc({ endpoints: [china] })).keys()]).toEqual(['s3']);
  });

  test.each([
    ['the VPC was not read', { unread: 'why' }],
    ['there is no VPC', undefined],
    ['the endpoints were not read', vpc({ endpoints: { unread: 'why' } })],
    ['the list was not read', vpc({ prefixLists: new Map([['pl-s3', { unread: 'why' }]]) })],
    ['the list is not there', vpc({ prefixLists: new Map() })],
    ['the list is empty', vpc({ prefixLists: new Map([['pl-s3', []]]) })],
    ['the endpoint is an interface', vpc({ endpoints: [{ ...S3, type: 'Interface' }] })],
    ['EC2 does not say of which service it is', vpc({ endpoints: [{ ...S3, service: null }] })],
    ['no route leads to it', vpc({}, [{ ...toS3, id: 'vpce-2' }])],
    ['a list leads to something else', vpc({}, [{ ...toS3, target: 'transit gateway' }])],
  ])('the addresses of an AWS service are unknown where %s', (_, facts) => {
    expect([...awsServices(facts)]).toEqual([]);
  });

  test('known addresses of an AWS service are approved on their ports, and nothing of the service is left open', () => {
    const approved = [
      { name: 's3', cidrs: [], hosts: [], awsService: 's3', ports: [443], protocols: ['TCP' as const] },
    ];
    const config = { ...NO_CONFIG, approved };
    expect(approvedDestinations(config, awsServices(vpc()))).toMatchObject({ notes: [], services: [] });
    const unapproved = (facts: VpcFacts | undefined, cidr: string) =>
      createEgress({
        policies: [egressOf({ to: [{ ipBlock: { cidr } }], ports: [{ port: 443 }] })],
        namespaces: new Map(),
        config,
        vpc: facts,
      })
        .view({ namespace: 'default', labels: {}, hostNetwork: false })
        .unapproved();
    expect(unapproved(vpc(), '52.218.0.0/17')).toMatchObject({ rangeCount: 0, perhaps: [] });
    expect(unapproved(vpc(), '52.218.0.0/16')).toMatchObject({ rangeCount: 1, perhaps: [] });
    expect(unapproved(undefined, '52.218.0.0/17')).toMatchObject({
      rangeCount: 1,
      perhaps: ['the approved AWS service s3'],
    });
  });
});
