import { Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Of all inline policies of a role together: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST = 10_240;

/** What is known at deployment only, by about how long it is there. */
const LENGTHS: Readonly<Record<string, number>> = {
  'AWS::Partition': 3,
  'AWS::AccountId': 12,
  'AWS::Region': 9,
  'AWS::URLSuffix': 13,
};
const OTHER = 60;

/**
 * Has synthesis refuse roles whose inline policies are larger than IAM allows, which would be known in the middle of a
 * deployment otherwise.
 */
export function refuseLargePolicies(scope: IConstruct): void {
  scope.node.addValidation({
    validate: () =>
      [...sizesByRole(scope)]
        .filter(([, size]) => size > MOST)
        .map(
          ([role, size]) =>
            `The inline policies of the role ${role} have about ${size.toLocaleString('en')} characters, and IAM allows 10,240: name accounts by organization.units instead of listing them, or audit them by several deployments.`,
        ),
  });
}

function sizesByRole(scope: IConstruct): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const policy of scope.node.findAll().filter((one) => one instanceof CfnPolicy)) {
    const resolve = (value: unknown): unknown => Stack.of(scope).resolve(value);
    const size = lengthOf(resolve(policy.policyDocument));
    for (const role of (resolve(policy.roles) ?? []) as readonly { readonly Ref?: string }[]) {
      const name = role.Ref ?? '';
      sizes.set(name, (sizes.get(name) ?? 0) + size);
    }
  }
  return sizes;
}

/** Of a value as JSON without spaces. */
function lengthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return (JSON.stringify(value) ?? '').replaceAll(/\s/g, '').length;
  }
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, one) => sum + lengthOf(one) + 1, 1);
  }
  const [[key, inner] = ['', null]] = Object.entries(value);
  if (key === 'Ref') return LENGTHS[String(inner)] ?? OTHER;
  if (key === 'Fn::Join') {
    const parts = (inner as readonly [string, readonly unknown[]])[1];
    return parts.reduce<number>((sum, part) => sum + lengthOf(part) - (typeof part === 'string' ? 2 : 0), 2);
  }
  if (key.startsWith('Fn::')) return OTHER;
  return Object.entries(value).reduce((sum, [name, one]) => sum + name.length + 3 + lengthOf(one) + 1, 1);
}
