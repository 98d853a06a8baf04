import { describe, expect, test } from '@jest/globals';
import { isAboutServices, serviceRangesOf } from '../../lambda/collect/service-ranges.ts';

const service = (clusterIP: unknown, namespace = 'default', name = 'kubernetes') => ({
  metadata: { namespace, name },
  spec: { clusterIP },
});

describe('blocks of addresses of Services', () => {
  test('service ranges come from ServiceCIDRs, and from the Service of the API server where EKS chose the block', () => {
    const cidr = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/12', 'fd00:1::/108'] } };
    expect(serviceRangesOf('ServiceCIDR', cidr)).toEqual(['10.96.0.0/12', 'fd00:1::/108']);
    expect(serviceRangesOf('Service', service('172.20.0.1'))).toEqual(['172.20.0.0/16']);
    expect(serviceRangesOf('Service', service('10.100.0.1'))).toEqual(['10.100.0.0/16']);
  });

  test('service ranges come from no other objects', () => {
    expect(serviceRangesOf('Service', service('172.20.0.10'))).toEqual([]);
    expect(serviceRangesOf('Service', service('10.96.0.1'))).toEqual([]);
    expect(serviceRangesOf('Service', service('172.20.0.1', 'shop'))).toEqual([]);
    expect(serviceRangesOf('Service', service('172.20.0.1', 'default', 'web'))).toEqual([]);
    expect(serviceRangesOf('Service', { metadata: { name: 'kubernetes' } })).toEqual([]);
    expect(serviceRangesOf('ServiceCIDR', { spec: { cidrs: 7 } })).toEqual([]);
  });

  test('only Services and ServiceCIDRs of Kubernetes itself are read for service ranges', () => {
    expect(isAboutServices('v1', 'Service')).toBe(true);
    expect(isAboutServices('networking.k8s.io/v1', 'ServiceCIDR')).toBe(true);
    expect(isAboutServices('serving.knative.dev/v1', 'Service')).toBe(false);
    expect(isAboutServices('example.com/v1', 'ServiceCIDR')).toBe(false);
  });
});
