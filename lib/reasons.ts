import type { IConstruct } from 'constructs';

/** Beside the tree, so that nothing of it gets into templates. */
const OF_RESOURCES = new WeakMap<IConstruct, string>();
const OF_STATEMENTS = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Says why a resource is deployed, in one sentence: docs/permissions.md lists it. It holds for what the construct makes
 * that has neither a reason nor a description itself.
 */
export function explain<Of extends IConstruct>(construct: Of, reason: string): Of {
  OF_RESOURCES.set(construct, reason);
  return construct;
}

/**
 * Says why a statement is in a policy that the construct makes.
 * @param sid of the statement, or what {@link statementKey} gives for one without
 */
export function explainStatement(construct: IConstruct, sid: string, reason: string): void {
  const reasons = OF_STATEMENTS.get(construct) ?? new Map<string, string>();
  OF_STATEMENTS.set(construct, reasons.set(sid, reason));
}

/** The reason of the nearest construct above that has one. */
export const reasonOf = (construct: IConstruct): string | undefined =>
  nearest(construct, (one) => OF_RESOURCES.get(one));

/** The reason for a statement of a policy that this construct makes or is in. */
export const statementReason = (construct: IConstruct, key: string): string | undefined =>
  nearest(construct, (one) => OF_STATEMENTS.get(one)?.get(key)) ?? OF_THE_CDK[key];

function nearest<T>(construct: IConstruct, read: (one: IConstruct) => T | undefined): T | undefined {
  return construct.node.scopes
    .toReversed()
    .map(read)
    .find((found) => found !== undefined);
}

/** A statement as a template has it. */
export interface TemplateStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a statement is called: by its Sid, else by what it says, since the CDK gives its own no Sid. */
export function statementKey({ Sid, Effect, Action, Condition = {} }: TemplateStatement): string {
  if (Sid !== undefined) return Sid;
  const conditions = Object.values(Condition).flatMap((keys) => Object.keys(keys));
  return [Effect, ...[Action].flat(), ...new Set(conditions)].join(' ');
}

const TRUST = 'Who takes on the role: the service that runs it, or the roles of the hub.';

/** Statements that constructs of the CDK write by themselves. */
const OF_THE_CDK: Readonly<Record<string, string>> = {
  'Allow kms:*':
    'Leaves the administration of the key to IAM in the account; without it no one could ever change or delete the key (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html).',
  'Deny s3:* aws:SecureTransport': 'Refuses every request that is not encrypted in transit.',
  'Deny s3:* s3:TlsVersion': 'Refuses TLS older than 1.2.',
  'Deny sqs:* aws:SecureTransport': 'Refuses every request that is not encrypted in transit.',
  AllowPublishThroughSSLOnly: 'Refuses messages that are not encrypted in transit.',
  'Allow s3:PutObject aws:SourceArn aws:SourceAccount':
    'S3 delivers the access log of the report bucket, and of no other.',
  'Allow sts:AssumeRole': TRUST,
  'Allow sts:AssumeRole aws:SourceAccount': TRUST,
  'Allow sts:AssumeRole aws:SourceAccount aws:SourceArn': TRUST,
};
