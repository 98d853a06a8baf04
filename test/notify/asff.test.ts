import { describe, expect, test } from '@jest/globals';
import { placeOf, toAsff } from '../../lambda/notify/asff.ts';
import { aCluster, aFinding } from '../report/builders.ts';

const place = { partition: 'aws', accountId: '111122223333', region: 'eu-west-1' };
const options = { place, runId: 'r1', updatedAt: '2026-03-02T06:00:00.000Z' };

describe('a finding in the format of Security Hub', () => {
  test('a finding in ASFF names product, account, cluster and workload', () => {
    expect(toAsff(aFinding({ container: 'app' }), options)).toMatchObject({
      SchemaVersion: '2018-10-08',
      ProductArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default',
      AwsAccountId: '111122223333',
      GeneratorId: 'eks-drift-auditor/egress-unrestricted',
      Title: 'egress-unrestricted: payments/Deployment/checkout/app in prod-eu (111122223333, eu-west-1)',
      FindingProviderFields: { Severity: { Label: 'HIGH', Original: 'high' } },
      Resources: [
        {
          Type: 'AwsEksCluster',
          Id: 'arn:aws:eks:eu-west-1:111122223333:cluster/prod-eu',
          Details: { Other: { namespace: 'payments', workload: 'checkout', container: 'app' } },
        },
      ],
    });
  });

  test.each([
    ['new', 'ACTIVE', 'FAILED'],
    ['open', 'ACTIVE', 'FAILED'],
    ['exempt', 'ARCHIVED', 'FAILED'],
    ['fixed', 'ARCHIVED', 'PASSED'],
    ['resolved', 'ARCHIVED', 'PASSED'],
    ['gone', 'ARCHIVED', 'NOT_AVAILABLE'],
    ['withdrawn', 'ARCHIVED', 'NOT_AVAILABLE'],
  ] as const)('a finding that is %s is %s and %s in ASFF', (status, record, compliance) => {
    const row = toAsff(aFinding({ status }), options);
    expect([row.RecordState, row.Compliance?.Status]).toEqual([record, compliance]);
  });

  test('a finding in ASFF names the owner of its workload and what manages it, where either is known', () => {
    const row = toAsff({ ...aFinding(), owner: 'team\u202ea', managedBy: 'EKS add-on coredns' }, options);
    expect(row.ProductFields).toEqual({
      'eks-drift-auditor/run': 'r1',
      'eks-drift-auditor/check': 'egress-unrestricted',
      'eks-drift-auditor/owner': 'team\\u{202e}a',
      'eks-drift-auditor/managed-by': 'EKS add-on coredns',
    });
    expect(Object.keys(toAsff(aFinding(), options).ProductFields ?? {})).toHaveLength(2);
  });

  test('a finding in ASFF leaves severity and types to the users of Security Hub', () => {
    const row = toAsff(aFinding(), options);
    expect([row.Severity, row.Types, row.Workflow]).toEqual([undefined, undefined, undefined]);
  });

  test('a finding in ASFF keeps within the lengths of the format, and lets no name break a line or hide', () => {
    const long = 'x'.repeat(5000);
    const row = toAsff(
      {
        ...aFinding({ name: `a\u202eb\n${long}`, message: long, remediation: long }),
        controls: [long, 'PCI 6.3.3'],
      },
      options,
    );
    expect(row.Title?.length).toBeLessThanOrEqual(256);
    expect(row.Title).toContain('a\\u{202e}b\\nx');
    expect(row.Description?.length).toBeLessThanOrEqual(1024);
    expect(row.Remediation?.Recommendation?.Text?.length).toBeLessThanOrEqual(512);
    expect(row.Compliance?.RelatedRequirements).toEqual([`${'x'.repeat(61)}...`, 'PCI 6.3.3']);
  });
});

describe('where a finding goes', () => {
  test('a finding goes to the partition, account and region of its cluster', () => {
    const cluster = {
      ...aCluster(),
      arn: 'arn:aws-cn:eks:cn-north-1:111122223333:cluster/x',
      region: 'cn-north-1',
    };
    expect(placeOf(aFinding({ cluster }))).toEqual({
      partition: 'aws-cn',
      accountId: '111122223333',
      region: 'cn-north-1',
    });
  });

  test('a finding of a cluster outside EKS goes to no Security Hub', () => {
    const cluster = { name: 'kind', arn: null, accountId: null, region: null };
    expect(placeOf(aFinding({ cluster }))).toBeNull();
  });
});
