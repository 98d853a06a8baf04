import * as z from 'zod';
import { UsageError } from '../errors.ts';
import { parsedProblem } from '../parsed-problem.ts';
import { SEVERITIES } from '../severity.ts';

/** CloudFormation cannot leave a variable out, so an empty one counts as absent. */
const absentWhenEmpty = (value: unknown): unknown => (value === '' ? undefined : value);
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess(absentWhenEmpty, type.optional()).transform((value) => value ?? null);

const arn = (service: string) =>
  z
    .string()
    .regex(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`), `must be an ARN of ${service}`);

const ENVIRONMENT = z.object({
  /** Set by Lambda. */
  AWS_REGION: z.string().min(1),
  /** Name of the bucket for reports and states. */
  REPORT_BUCKET: z.string().min(3),
  /** Key for new objects in it; else its default encryption. */
  REPORT_KEY_ARN: optional(arn('kms')),
  /** Asymmetric key that signs the manifests; none: they are not signed. */
  SIGNING_KEY_ARN: optional(arn('kms')),
  /** Topic of the digest; none: no mail is sent. */
  TOPIC_ARN: optional(arn('sns')),
  /** Topic of the messages to chat applications; none: none is sent. */
  CHAT_TOPIC_ARN: optional(arn('sns')),
  /** Topic of the alarms, where this stack has one of its own; read by the watch only. */
  ALARM_TOPIC_ARN: optional(arn('sns')),
  /** `s3://bucket/key`, or a path; else `audit.config.yaml` beside the code, else the defaults. */
  CONFIG: optional(z.string()),
  /** The lowest severity that is imported into Security Hub. */
  SECURITY_HUB: optional(z.enum(['off', ...SEVERITIES])),
  /** Name or ARN of a bus for events. */
  EVENT_BUS: optional(z.string()),
  /** Endpoints of the function's own VPC, as lambda/connect/aws/vpc-endpoints.ts reads them; none: the ordinary ones are asked. */
  VPC_ENDPOINTS: optional(
    z.string().regex(/^[a-z0-9]+=https:\/\/\S+( [a-z0-9]+=https:\/\/\S+)*$/, 'must be a list of service=URL'),
  ),
  /** Set by Lambda: where the code is. */
  LAMBDA_TASK_ROOT: optional(z.string()),
});

export type Environment = Readonly<z.infer<typeof ENVIRONMENT>>;

/** @throws UsageError that names every variable that is wrong */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const parsed = ENVIRONMENT.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => parsedProblem(issue, env));
  throw new UsageError(`The environment of the function is wrong: ${problems.join('; ')}.`);
}
