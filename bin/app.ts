import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { UsageError } from '../lambda/errors.ts';
import { AuditorStack, MemberStack, readSettings } from '../lib/index.ts';

/**
 * The CDK app: `npx cdk synth` needs neither account nor Docker nor network. Both stacks fit any account and
 * region. Another configuration: `npx cdk synth --context config=FILE`.
 */
const DEFAULT_CONFIG = join(import.meta.dirname, '..', 'audit.config.yaml');

try {
  const app = new App();
  const settings = readSettings(String(app.node.tryGetContext('config') ?? DEFAULT_CONFIG));
  const { name } = settings.deployment;
  // What the CDK's command line knows them by does not change with the name of the deployment.
  new AuditorStack(app, 'EksDriftAuditor', { stackName: name, settings });
  new MemberStack(app, 'EksDriftAuditorMember', { stackName: `${name}Member` });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
