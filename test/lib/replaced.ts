import { createOnly } from './create-only.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export type Resources = Readonly<Record<string, TemplateResource>>;

/** What holds evidence, messages, subscriptions, or a name that others know: its removal is a loss as well. */
const KEPT: readonly string[] = [
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::SNS::Topic',
  'AWS::SNS::Subscription',
  'AWS::SQS::Queue',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::Lambda::Function',
  'AWS::StepFunctions::StateMachine',
  'AWS::EKS::AccessEntry',
];

/** A saved query is its text: another one takes its place, and nothing refers to it. */
const REPLACED_FREELY: readonly string[] = ['AWS::Athena::NamedQuery'];

/** Logical ids, without their hashes, of resources of the first template which the second one replaces, and of kept ones that it removes. */
export function replaced(before: Resources, after: Resources): readonly string[] {
  return Object.entries(before)
    .filter(([id, resource]) => {
      const now = after[id];
      if (now === undefined) return KEPT.includes(resource.Type);
      return !REPLACED_FREELY.includes(resource.Type) && identity(now) !== identity(resource);
    })
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
}

function identity({ Type, Properties = {} }: TemplateResource): string {
  // The one nested property of the types that are deployed whose change replaces:
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-glue-table-tableinput.html
  const { Name } = (Properties['TableInput'] ?? {}) as { readonly Name?: unknown };
  return JSON.stringify([Type, Name, ...createOnly(Type).map((key) => Properties[key] ?? null)]);
}
