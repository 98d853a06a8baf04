import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { EksDriftAuditor, type EksDriftAuditorProps } from './eks-drift-auditor.ts';

export interface AuditorStackProps extends StackProps, EksDriftAuditorProps {}

/** The hub: what is deployed once, and audits everything that the configuration names. */
export class AuditorStack extends Stack {
  readonly auditor: EksDriftAuditor;

  constructor(scope: Construct, id: string, props: AuditorStackProps) {
    super(scope, id, {
      description: 'eks-drift-auditor: audits EKS clusters for pod age, writable layers and egress',
      analyticsReporting: false,
      ...props,
    });
    this.auditor = new EksDriftAuditor(this, 'Auditor', props);
    Tags.of(this).add('application', 'eks-drift-auditor');
  }
}
