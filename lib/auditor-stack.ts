import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { EksDriftAuditor } from './eks-drift-auditor.ts';
import type { Settings } from './settings.ts';

export interface AuditorStackProps extends StackProps {
  readonly settings: Settings;
  /** @default the handlers are bundled */
  readonly code?: Code;
}

/** The hub: what is deployed once, and audits everything that the configuration names. */
export class AuditorStack extends Stack {
  readonly auditor: EksDriftAuditor;

  constructor(scope: Construct, id: string, { settings, code, ...props }: AuditorStackProps) {
    super(scope, id, {
      description: 'eks-drift-auditor: audits EKS clusters for pod age, writable layers and egress',
      analyticsReporting: false,
      ...props,
    });
    this.auditor = new EksDriftAuditor(this, 'Auditor', {
      settings,
      ...(code === undefined ? {} : { code }),
    });
    Tags.of(this).add('application', 'eks-drift-auditor');
  }
}
