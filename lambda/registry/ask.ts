import { awsError, codeOf } from '../connect/aws/errors.ts';
import { ReadError } from '../errors.ts';
import type { Unanswered } from '../inventory/images.ts';
import type { RegistryActionName } from './actions.ts';

/** On whose behalf a registry is asked, for the sentence when it refuses. */
export interface Asker {
  readonly accountId: string;
  readonly region: string;
  /** `aws`, `aws-cn`… */
  readonly partition: string;
  /** The role or user whose credentials are used. */
  readonly principalArn: string;
  /** The account of these. */
  readonly ownAccountId: string;
}

export const repositoryArn = ({ partition, region, accountId }: Asker, name: string): string =>
  `arn:${partition}:ecr:${region}:${accountId}:repository/${name}`;

/** Why a call failed: a refusal names the statement that is missing, and where. */
export function refusal(
  error: unknown,
  asker: Asker,
  { action, repository }: { readonly action: RegistryActionName; readonly repository: string | null },
): ReadError {
  const { accountId, region, principalArn, ownAccountId } = asker;
  const resource = repository === null ? '*' : repositoryArn(asker, repository);
  const what = repository === null ? `account ${accountId}` : `the repository ${resource}`;
  const failed = awsError(error, { action, what, region, verified: true });
  if (failed.reason !== 'forbidden') return failed;
  const statement = JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource });
  const own = ownAccountId === accountId;
  return new ReadError(
    failed.reason,
    `${principalArn} may not call ${action} for ${what} in ${region} (${codeOf(error)}).`,
    own
      ? `Add to its policy: ${statement} (the stacks of this version grant it; deploy them again).`
      : `List account ${accountId} under accounts and deploy its member stack, or allow ${action} to ${principalArn} in its policy and in that of the repository: ${statement}.`,
    error,
  );
}

export const unanswered = ({ reason, message, remedy }: ReadError): Unanswered => ({
  reason,
  message,
  remedy,
});

/** What a call yields, or why it did not; a defect stays one. */
export async function answered<T>(
  work: () => Promise<T>,
  explain: (error: unknown) => ReadError,
): Promise<{ readonly value: T } | Unanswered> {
  try {
    return { value: await work() };
  } catch (error) {
    return unanswered(error instanceof ReadError ? error : explain(error));
  }
}
