import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { Finding, FindingStatus } from '../findings/finding.ts';
import { isClosed } from '../findings/identity.ts';
import { mailSafe } from '../report/escape.ts';
import { clusterName, shortened, workloadName } from '../report/words.ts';
import type { Severity } from '../severity.ts';

/** Where findings go: the account and region of their cluster. */
export interface HubPlace {
  readonly partition: string;
  readonly accountId: string;
  readonly region: string;
}

/** Of EKS clusters; other clusters belong to no account that has a Security Hub. */
export function placeOf({ cluster }: Finding): HubPlace | null {
  const { arn, accountId, region } = cluster;
  const partition = arn?.split(':')[1];
  return partition && accountId && region ? { partition, accountId, region } : null;
}

/**
 * The product of an account's own findings
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html).
 */
const productArn = ({ partition, accountId, region }: HubPlace): string =>
  `arn:${partition}:securityhub:${region}:${accountId}:product/${accountId}/default`;

const LABELS: Readonly<Record<Severity, 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW'>> = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
};

/** Lengths by https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html */
const LONGEST = { title: 256, description: 1024, recommendation: 512, requirement: 64, field: 1024 };
const MOST_REQUIREMENTS = 32;

/**
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Compliance.html (Status): of what is no longer there,
 * or no longer asked, there is no result.
 */
const COMPLIANCE: Readonly<Record<FindingStatus, 'PASSED' | 'FAILED' | 'NOT_AVAILABLE'>> = {
  new: 'FAILED',
  open: 'FAILED',
  exempt: 'FAILED',
  fixed: 'PASSED',
  resolved: 'PASSED',
  gone: 'NOT_AVAILABLE',
  withdrawn: 'NOT_AVAILABLE',
};

/** Its id in Security Hub. */
export const asffId = ({ id }: Pick<Finding, 'id'>): string => `eks-drift-auditor/${id}`;

const text = (words: string, limit: number): string => shortened(mailSafe(words), limit);

export interface AsffOptions {
  readonly place: HubPlace;
  readonly runId: string;
  /** RFC 3339: Security Hub takes an update only if it is later than the one before. */
  readonly updatedAt: string;
}

/**
 * A finding in the AWS Security Finding Format. Severity and types go into `FindingProviderFields`, since the
 * top-level ones belong to the users of Security Hub once the finding exists. What is closed or exempt is
 * archived: neither asks anybody to act. Only what was fixed has passed.
 */
export function toAsff(finding: Finding, { place, runId, updatedAt }: AsffOptions): AwsSecurityFinding {
  const { check, severity, status, cluster, workload, container, pods, owner, managedBy } = finding;
  const done = isClosed(finding) || status === 'exempt';
  const what = container === null ? workloadName(workload) : `${workloadName(workload)}/${container}`;
  // Shortened rather than left out: whoever filters by framework finds them by their beginning.
  const requirements = [
    ...new Set(finding.controls.map((control) => text(control, LONGEST.requirement))),
  ].slice(0, MOST_REQUIREMENTS);
  return {
    SchemaVersion: '2018-10-08',
    Id: asffId(finding),
    ProductArn: productArn(place),
    ProductName: 'EKS Drift Auditor',
    GeneratorId: `eks-drift-auditor/${check}`,
    AwsAccountId: place.accountId,
    Region: place.region,
    FindingProviderFields: {
      Severity: { Label: LABELS[severity], Original: severity },
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
    CreatedAt: finding.firstSeen,
    UpdatedAt: updatedAt,
    FirstObservedAt: finding.firstSeen,
    LastObservedAt: finding.lastSeen,
    Title: text(`${check}: ${what} in ${clusterName(cluster)}`, LONGEST.title),
    Description: text(finding.message, LONGEST.description),
    Remediation: { Recommendation: { Text: text(finding.remediation, LONGEST.recommendation) } },
    ProductFields: {
      'eks-drift-auditor/run': runId,
      'eks-drift-auditor/check': check,
      ...(owner == null ? {} : { 'eks-drift-auditor/owner': text(owner, LONGEST.field) }),
      ...(managedBy == null ? {} : { 'eks-drift-auditor/managed-by': text(managedBy, LONGEST.field) }),
    },
    Resources: [
      {
        Type: 'AwsEksCluster',
        Id: cluster.arn ?? cluster.name,
        Partition: partitionOf(place),
        Region: place.region,
        Details: {
          Other: {
            namespace: text(workload.namespace, LONGEST.field),
            kind: text(workload.kind, LONGEST.field),
            workload: text(workload.name, LONGEST.field),
            ...(container === null ? {} : { container: text(container, LONGEST.field) }),
            pods: String(pods.count),
          },
        },
      },
    ],
    Compliance: {
      Status: COMPLIANCE[status],
      ...(requirements.length === 0 ? {} : { RelatedRequirements: requirements }),
    },
    RecordState: done ? 'ARCHIVED' : 'ACTIVE',
  };
}

/** Security Hub knows these; a newer partition is left to it. */
function partitionOf({ partition }: HubPlace): 'aws' | 'aws-cn' | 'aws-us-gov' {
  return partition === 'aws-cn' || partition === 'aws-us-gov' ? partition : 'aws';
}
