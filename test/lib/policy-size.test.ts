import { describe, expect, test } from '@jest/globals';
import type { App } from 'aws-cdk-lib';
import { resolver, type Template } from '../e2e/iam/resolve-template.ts';
import { hub, hubStack, listOf, resourcesOf, type Statement, statementsOf } from './deployed.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all inline policies of a role together. */
const MOST = 10_240;

const listing = (count: number): string => `
accounts:
${Array.from({ length: count }, (_, i) => `  - { id: "${100_000_000_000 + i}", externalId: audit-7, regions: [eu-west-1] }`).join('\n')}
measure: { writableLayer: kubelet }
images: { registry: sbom-collect }
deployment: { mode: fleet, securityHub: low }
`;

function sizes(yaml: string): Readonly<Record<string, number>> {
  const template = hub(yaml).toJSON() as Template;
  const { resolve } = resolver(template, { account: '111122223333', region: 'ap-southeast-1' });
  const found: Record<string, number> = {};
  for (const { Type, Properties = {} } of Object.values(template.Resources)) {
    if (Type !== 'AWS::IAM::Policy') continue;
    const size = JSON.stringify(resolve(Properties['PolicyDocument'])).replaceAll(/\s/g, '').length;
    for (const { Ref } of Properties['Roles'] as readonly { readonly Ref: string }[]) {
      found[Ref] = (found[Ref] ?? 0) + size;
    }
  }
  return found;
}

const assumed = (yaml: string): readonly Statement[] => {
  const template = hub(yaml);
  const [reader = ''] = Object.keys(resourcesOf(template)).filter((id) => id.startsWith('AuditorReader'));
  return statementsOf(template, reader).filter(({ Action }) => listOf(Action).includes('sts:AssumeRole'));
};

describe('the policies of roles', () => {
  test.each([1, 20, 21, 100, 200])('fit into what IAM allows with %i listed accounts', (count) => {
    for (const [role, size] of Object.entries(sizes(listing(count)))) {
      expect({ role, fits: size <= MOST }).toEqual({ role, fits: true });
    }
  });

  test('let the reader take on the roles of many accounts by a condition, and of no other account', () => {
    const many = assumed(listing(100)).filter(({ Sid }) => Sid !== 'AssumeMeasuringRole');
    expect(many).toHaveLength(2);
    for (const { Condition } of many) {
      const { StringEquals } = Condition as {
        readonly StringEquals: Readonly<Record<string, readonly string[]>>;
      };
      expect(StringEquals['aws:ResourceAccount']).toHaveLength(100);
    }
  });

  test('are refused at synthesis where they do not fit: IAM would refuse them in the middle of a deployment', () => {
    expect(() => (hubStack(listing(400)).node.root as App).synth()).toThrow(
      /inline policies of the role AuditorReader.*10,240.*organization/,
    );
  });
});
