import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { stringify } from 'yaml';
import { MemberStack } from './member-stack.ts';

/** {@link MemberStack} as a plain template, for StackSets and for those who do not use the CDK. */
export function memberTemplate(): string {
  const template = Template.fromStack(new MemberStack(new App({ analyticsReporting: false }), 'Member'));
  // CloudFormation reads YAML 1.1, in which a bare `on` is no text.
  return `${HEAD}${stringify(template.toJSON(), { lineWidth: 0, version: '1.1' })}`;
}

const HEAD = `# What another account deploys to be audited, also by StackSets (with CAPABILITY_NAMED_IAM):
# one role, which only the roles of the hub can assume, and only with the external id.
`;
