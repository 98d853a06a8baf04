import * as z from 'zod';
import { describeValue, mustBe } from '../wording.ts';
import { formatted, matching } from './fields.ts';

/*
 * Building blocks of the configuration's schema for the names of AWS: regions, accounts, ARNs.
 */

/** Names as in VPC endpoints: `com.amazonaws.eu-west-1.ecr.api` is `ecr.api`. */
export const awsService = () =>
  formatted(
    'an AWS service such as s3',
    matching(
      /^(?!com\.amazonaws\.)[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/,
      'is not the name of an AWS service; write the end of its VPC endpoint name, such as s3, dynamodb or ecr.api.',
    ),
  );

/** IAM and STS limits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const roleName = () =>
  formatted(
    'the name of a role',
    matching(
      /^[\w+=,.@-]{1,64}$/,
      'is not the name of a role; write the name alone, without arn: or a path, in 1 to 64 letters, digits and _+=,.@-.',
    ),
  );

export const externalId = () =>
  formatted(
    'an external id',
    matching(
      /^[\w+=,.@:/-]{2,1224}$/,
      'is not an external id; it has 2 to 1224 letters, digits and _+=,.@:/-.',
    ),
  );

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html (Name) */
export const topicArn = () =>
  formatted(
    'the ARN of an SNS topic',
    matching(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/,
      'is not the ARN of an SNS topic; write one such as arn:aws:sns:eu-west-1:111122223333:payments.',
    ),
  );

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html */
export const secretArn = () =>
  formatted(
    'the ARN of a secret',
    matching(
      /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[\w/+=.@-]{1,512}$/,
      'is not the ARN of a secret; write one such as arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-AbCdEf.',
    ),
  );

export const region = () =>
  formatted(
    'a region such as eu-west-1',
    matching(/^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$/, 'is not a region; write one such as eu-west-1.'),
  );

/** YAML reads unquoted digits as a number and drops leading zeros. */
export const accountId = () =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `must be in quotes: "${String(issue.input).padStart(12, '0')}".`
          : mustBe('an AWS account id of 12 digits, in quotes')(issue),
    })
    .regex(/^[0-9]{12}$/, {
      error: (issue) =>
        `${describeValue(issue.input)} is not an AWS account id; write its 12 digits in quotes.`,
    });

const UNIT = 'ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}';
const A_UNIT = 'an organizational unit such as ou-ab12-12345678, or a root such as r-ab12';

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html (ParentId) */
export const unit = () => formatted(A_UNIT, matching(new RegExp(`^(?:${UNIT})$`), `is not ${A_UNIT}.`));

/** An account or a unit that is left out. */
export const accountOrUnit = () =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `must be in quotes: "${String(issue.input).padStart(12, '0')}".`
          : mustBe('an AWS account id of 12 digits, in quotes, or an organizational unit')(issue),
    })
    .regex(new RegExp(`^(?:[0-9]{12}|${UNIT})$`), {
      error: (issue) =>
        `${describeValue(issue.input)} is neither an AWS account id of 12 digits nor ${A_UNIT}.`,
    });
