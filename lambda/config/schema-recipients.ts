import { quote } from '../wording.ts';
import * as field from './fields.ts';

/** Mail addresses, each listed once. */
export const emails = () =>
  field.listOf(email(), 'a list such as [security@example.com]').superRefine((list, context) => {
    list.forEach((address, i) => {
      if (list.findIndex((other) => other.toLowerCase() === address.toLowerCase()) === i) return;
      context.addIssue({ code: 'custom', message: `${quote(address)} is listed twice.`, path: [i] });
    });
  });

const email = () =>
  field.named(/^[^\s@"(),:;<>[\]\\\p{Cc}]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/u, {
    what: 'a mail address',
    form: 'one such as security@example.com',
  });

/** `deployment.alarms`. */
export const alarms = () =>
  field.mapping(
    {
      emails: field.listSection(emails(), 'Mail addresses that get alarms, through a separate topic.'),
      topicArn: field
        .orNull(
          field.named(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$/, {
            what: 'the ARN of an SNS topic',
            form: 'one such as arn:aws:sns:eu-west-1:111122223333:on-call',
          }),
        )
        .meta({ description: 'An existing SNS topic, such as that of the people on call.' }),
    },
    'a mapping such as { emails: [on-call@example.com] }',
  );

/** `deployment.chat`. */
export const chat = () =>
  field.mapping(
    {
      slack: field.optionalSection(slack(), 'The Slack channel that shows the messages.'),
    },
    'a mapping such as { slack: { workspaceId: T0123ABCD, channelId: C0123ABCD } }, or {}',
  );

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html */
const slack = () =>
  field.mapping(
    {
      workspaceId: field
        .named(/^[0-9A-Z]{1,255}$/, {
          what: 'the id of a Slack workspace',
          form: 'one such as T0123ABCD, as the console of Amazon Q Developer in chat applications shows it once the workspace is authorized',
        })
        .meta({
          description:
            'The workspace, which must be authorized once in the console of Amazon Q Developer in chat applications.',
        }),
      channelId: field
        .named(/^[0-9A-Za-z]{1,255}$/, {
          what: 'the id of a Slack channel',
          form: 'one such as C0123ABCD, the last part of its link',
        })
        .meta({ description: 'The channel; a private one must invite @Amazon Q.' }),
    },
    'a mapping such as { workspaceId: T0123ABCD, channelId: C0123ABCD }',
  );
