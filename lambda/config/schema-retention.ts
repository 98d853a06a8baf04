import { DAY } from '../inventory/durations.ts';
import * as field from './fields.ts';

/** `deployment.retention`. */
export const retention = () =>
  field.mapping(
    {
      /** An audit year, and a month to look back on it. */
      reports: days(400, 'How long findings, reports and evidence are kept.'),
      inventory: days(90, 'How long the lists of all pods are kept, which are the largest part.'),
      logs: days(90, 'How long logs are kept; rounded up to what CloudWatch offers.'),
    },
    'a mapping with reports, inventory and logs',
  );

/** `deployment.objectLock`. */
export const objectLock = () =>
  field.mapping(
    {
      mode: field.oneOf(['governance', 'compliance']).meta({
        description:
          'governance: s3:BypassGovernanceRetention still permits deletion. compliance: no identity can delete before the period ends, not even the root user.',
      }),
      period: wholeDays().meta({ description: 'For how long each object is locked.' }),
    },
    'a mapping such as { mode: governance, period: 365d }',
  );

/** S3 and CloudWatch count in days. */
const wholeDays = () =>
  field.duration().superRefine((value, context) => {
    if (value % DAY === 0) return;
    context.addIssue({ code: 'custom', message: 'must be whole days, such as 90d.' });
  });

const days = (standard: number, description: string) =>
  wholeDays().prefault(`${standard}d`).meta({ description });
