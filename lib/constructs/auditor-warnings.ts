import { Annotations } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { PROXY_WARNING } from '../../lambda/access/measure.ts';
import { registryWarning } from '../../lambda/access/registries.ts';
import { type Given, settingsInVain } from './given.ts';

/** What an app gives that decides whether somebody reads the mails. */
interface GivenWithReaders extends Given {
  readonly digestTopic?: ITopic;
  readonly alarmActions?: readonly IAlarmAction[];
}

/** Warns in `cdk synth` of what can be deployed and would not do what was meant, or costs more than it seems. */
export function auditorWarnings(scope: Construct, given: GivenWithReaders): void {
  const { settings, vpc, bucket, digestTopic, alarmActions } = given;
  const { config, deployment } = settings;
  const warnings = [...settings.warnings, ...settingsInVain(given)];
  const annotations = Annotations.of(scope);
  const { writableLayer } = config.measure;
  if (writableLayer === 'api-server-proxy') {
    annotations.addWarningV2('eks-drift-auditor:node-proxy', PROXY_WARNING);
  }
  if (writableLayer === 'kubelet' && vpc === undefined && deployment.vpc === null) {
    annotations.addWarningV2(
      'eks-drift-auditor:kubelets-out-of-reach',
      'measure.writableLayer: kubelet asks nodes at their addresses in the VPC, which a function outside of it cannot reach: set deployment.vpc.',
    );
  }
  if (deployment.objectLock !== null && bucket === undefined) {
    annotations.addInfoV2(
      'eks-drift-auditor:object-lock',
      'deployment.objectLock: on a stack that was deployed without it, this replaces the bucket of the reports, and every finding counts as new (CloudFormation enables Object Lock on new buckets alone). docs/runbook.md says how to enable it on the bucket that there is.',
    );
  }
  const mayPull = registryWarning(config.images);
  if (mayPull !== null) annotations.addWarningV2('eks-drift-auditor:may-pull-images', mayPull);
  for (const line of warnings) annotations.addWarningV2('eks-drift-auditor:setting-without-effect', line);
  const { alarms, emails } = deployment;
  if (emails.length === 0 && digestTopic === undefined) {
    annotations.addWarningV2(
      'eks-drift-auditor:nobody-reads',
      'The digest has no recipients: list mail addresses under deployment.emails.',
    );
  }
  if (alarms.emails.length === 0 && alarms.topicArn === null && alarmActions === undefined) {
    annotations.addWarningV2(
      'eks-drift-auditor:alarms-by-digest',
      'Alarms go to the topic of the digest, so an alarm about this topic may not arrive: set deployment.alarms.',
    );
  }
}
