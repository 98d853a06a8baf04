import * as z from 'zod';
import { describeValue, mustBeText } from '../wording.ts';
import * as field from './fields.ts';
import { STACK_NAME } from './presets.ts';
import { scheduleProblem } from './schedule.ts';
import { alarms, chat, emails } from './schema-recipients.ts';
import { objectLock, retention } from './schema-retention.ts';
import { vpc } from './schema-vpc.ts';
import { formatDuration } from './units.ts';

const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[0-9A-Za-z-]+$/;

/** `deployment:`: what `cdk deploy` sets up. The command line audits without it. */
export const deployment = () =>
  field
    .mapping(
      {
        name: field
          .named(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, {
            what: 'a name such as EksDriftAuditor',
            form: 'a letter and up to 31 letters, digits and hyphens',
          })
          .default(STACK_NAME)
          .meta({
            description: 'Name of the stack and prefix of its role names; change it for a second hub.',
          }),
        mode: field.oneOf(['single', 'fleet']).default('single').meta({
          description:
            'single: one function audits all clusters within 15 minutes. fleet: a state machine audits each cluster in a separate invocation.',
        }),
        fleet: field.optionalSection(fleet(), 'Settings of the mode fleet.'),
        schedule: field.section(schedule(), 'When the audit runs.'),
        emails: field.listSection(
          emails(),
          'Mail addresses that get the digest; each must confirm its subscription.',
        ),
        alarms: field.section(alarms(), 'Who gets an alarm when the audit itself fails.'),
        chat: field.optionalSection(
          chat(),
          'A topic for messages in the form of Amazon Q Developer in chat applications; {} for the topic alone.',
        ),
        vpc: field.optionalSection(
          vpc(),
          'The VPC that the function runs in, for clusters with private endpoints.',
        ),
        kmsKeyArn: field
          .orNull(
            field.named(KEY_ARN, {
              what: 'the ARN of a KMS key',
              form: 'an ARN such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
            }),
          )
          .meta({
            description: 'An existing KMS key for reports, mails and logs; without it, one is created.',
          }),
        signing: signing().prefault('on').meta({
          description:
            'Whether each record is signed: on creates an asymmetric KMS key; off signs nothing; or the ARN of an existing key of the kind ECC_NIST_P256.',
        }),
        retention: field.section(retention(), 'How long reports and logs are kept.'),
        objectLock: field.optionalSection(
          objectLock(),
          'S3 Object Lock: reports cannot be deleted for a period.',
        ),
        /** 1769: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html; decoding keeps one processor busy. */
        memory: field.wholeNumber(512, 10_240).default(1769).meta({
          description: 'Memory of the function in MiB; 1769 MiB come with one full vCPU.',
        }),
        reserveConcurrency: field.flag().default(true).meta({
          description:
            'Whether reserved concurrency prevents overlapping runs; false for accounts whose concurrency quota is 10.',
        }),
        securityHub: field.severityOrOff().prefault('off').meta({
          description:
            'The lowest severity that is imported into Security Hub, which must be enabled in each account and region; or off.',
        }),
        eventBus: field
          .orNull(
            field.named(/^(arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus\/)?[\w./-]{1,256}$/, {
              what: 'the name or ARN of an event bus',
              form: 'default, or its name',
            }),
          )
          .meta({ description: 'A bus of EventBridge for events about new and resolved findings.' }),
        athena: field.flag().default(false).meta({
          description: 'Whether tables and saved queries over the reports are created in Athena.',
        }),
        accessEntries: field.listSection(
          field.listOf(clusterName(), 'a list such as [prod-1]').transform(field.unique),
          'Clusters of the same account and region that get an access entry with this deployment.',
        ),
        configObject: field
          .orNull(
            field.named(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[A-Za-z0-9!_.'()/-]{1,900}$/, {
              what: 'the address of an object',
              form: 's3://BUCKET/KEY',
            }),
          )
          .meta({
            description: 'S3 object to load the configuration from instead of the bundled file.',
          }),
      },
      'a mapping with schedule, emails and so on',
    )
    .superRefine((entry, context) => {
      const { retention: kept, objectLock: lock } = entry;
      // The lock is the bucket's: it holds for every folder alike.
      const { reports, inventory } = kept;
      const shortest = Object.entries({ reports, inventory }).find(
        ([, retention]) => lock && lock.period > retention,
      );
      if (shortest !== undefined) {
        const [name, retention] = shortest;
        const message = `locks objects for longer than retention.${name} (${formatDuration(retention)}), so that they could not be deleted in time; make it shorter or retention.${name} longer.`;
        context.addIssue({ code: 'custom', message, path: ['objectLock', 'period'] });
      }
      if (entry.fleet && entry.mode !== 'fleet') {
        context.addIssue({
          code: 'custom',
          message: 'is only for the mode fleet; add mode: fleet.',
          path: ['fleet'],
        });
      }
    })
    .transform(({ fleet: given, ...rest }) => ({
      ...rest,
      /** Clusters at once, in the mode fleet. */
      concurrency: (given ?? fleet().parse({})).concurrency,
    }));

/** `on`, `off`, or the ARN of a key; YAML 1.1 takes the first two for true and false. */
const signing = () =>
  z
    .union([z.boolean(), z.string()], { error: ({ input }) => notSigning(input) })
    .superRefine((given, context) => {
      if (typeof given === 'boolean' || given === 'on' || given === 'off' || KEY_ARN.test(given)) return;
      context.addIssue({ code: 'custom', message: notSigning(given) });
    })
    .transform((given) => (given === true ? 'on' : given === false ? 'off' : given));

const notSigning = (given: unknown): string =>
  `${describeValue(given)} is not how records are signed; write on, off, or the ARN of a KMS key such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab.`;

const fleet = () =>
  field.mapping(
    {
      concurrency: field.wholeNumber(1, 1000).default(40).meta({
        description: 'How many clusters are audited at once.',
      }),
    },
    'a mapping such as { concurrency: 40 }',
  );

const schedule = () =>
  field.mapping(
    {
      cron: z
        .string({ error: mustBeText('a schedule of six fields such as "0 6 ? * MON *"') })
        .superRefine((text, context) => {
          const message = scheduleProblem(text);
          if (message !== null) context.addIssue({ code: 'custom', message });
        })
        .default('0 6 * * ? *')
        .meta({
          description:
            'As in EventBridge Scheduler: minute, hour, day of the month, month, day of the week, year.',
          examples: ['0 6 * * ? *', '0 6 ? * MON *'],
        }),
      timeZone: z
        .string({ error: mustBeText('a time zone such as Europe/Berlin') })
        .refine(isTimeZone, {
          error: ({ input }) =>
            `${describeValue(input)} is not a time zone; write one of the IANA database such as Europe/Berlin, or UTC.`,
        })
        .default('UTC')
        .meta({
          description: 'Time zone of the schedule; daylight saving time is respected.',
        }),
    },
    'a mapping such as { cron: "0 6 ? * MON *", timeZone: Europe/Berlin }',
  );

function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html (name) */
const clusterName = () =>
  field.named(/^[0-9A-Za-z][\w-]{0,99}$/, {
    what: 'the name of a cluster',
    form: 'its name alone, without ARN',
  });
