import { Stack, Token, Validations } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { explainStatement } from '../reasons.ts';

/** One thing that a role may do. */
export interface Permission {
  /** Names it in the template, for those who read the diff: letters and digits. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** What it is for, in one sentence: docs/permissions.md lists it. */
  readonly reason: string;
  /** @default none */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why a resource holds a wildcard. Required exactly when one does. */
  readonly wildcard?: string;
}

/**
 * Gives a role permissions as a separate policy, and acknowledges their wildcards with their reasons.
 * @throws Error for a permission without a reason, for a wildcard in an action, and for one in a resource without a reason
 */
export function grant(scope: Construct, id: string, role: IRole, permissions: readonly Permission[]): Policy {
  for (const permission of permissions) check(permission);
  const statements = permissions.map(
    ({ sid, actions, resources, conditions }) =>
      new PolicyStatement({
        sid,
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined ? {} : { conditions }),
      }),
  );
  const policy = new Policy(scope, id, { roles: [role], statements });
  for (const { sid, reason } of permissions) explainStatement(policy, sid, reason);
  for (const { resources, wildcard } of permissions) {
    if (wildcard === undefined) continue;
    for (const resource of resources) acknowledgeWildcard(policy, resource, wildcard);
  }
  return policy;
}

function check({ sid, actions, resources, reason, wildcard }: Permission): void {
  if (!/^[A-Z].*\.$/.test(reason))
    throw new Error(`${sid} has no reason: say in one sentence what it is for.`);
  const wide = actions.filter((action) => action.includes('*'));
  if (wide.length > 0) throw new Error(`${sid} has wildcards in its actions: ${wide.join(', ')}.`);
  const asterisk = resources.some((resource) => resource.includes('*'));
  if (asterisk !== (wildcard !== undefined)) {
    throw new Error(
      asterisk ? `${sid} needs a reason for its wildcard.` : `${sid} has no wildcard to explain.`,
    );
  }
}

/** Records for cdk-nag why a resource is not narrower. */
function acknowledgeWildcard(scope: Construct, resource: string, reason: string): void {
  const flat = flatten(Stack.of(scope).resolve(resource));
  if (!flat.includes('*')) return;
  Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${flat}]`, reason });
}

/** The form in which cdk-nag names values that are known at deployment only. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, inner] = []] = Object.entries(value as Record<string, unknown>);
  if (key === 'Ref') return `<${inner}>`;
  if (key === 'Fn::GetAtt') return `<${(inner as string[]).join('.')}>`;
  if (key === 'Fn::Join') {
    const [delimiter, parts] = inner as [string, unknown[]];
    return parts.map(flatten).join(delimiter);
  }
  throw new Error(`An ARN holds ${key}, which has no flat form: ${Token.asString(value)}.`);
}
