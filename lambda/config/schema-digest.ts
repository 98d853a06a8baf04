import { SEVERITIES } from '../severity.ts';
import * as field from './fields.ts';
import * as aws from './fields-aws.ts';

export const digest = () =>
  field.mapping(
    {
      minSeverity: field.oneOf(SEVERITIES).default('medium').meta({
        description: 'Findings below this severity are counted but not listed.',
      }),
      top: field.wholeNumber(1, 100).default(5).meta({
        description: 'How many entries of each list of the mail are written out, such as what to fix first.',
      }),
      perOwner: field.flag().default(false).meta({
        description:
          'Whether each owner of workloads gets a mail with what is theirs alone, through the same topic as the digest, with the message attributes audience (owner) and owners.',
      }),
      routes: field.listSection(
        field.listOf(
          route(),
          'a list such as [{ match: { namespaces: ["payments-*"] }, topicArn: "arn:aws:sns:…" }]',
        ),
        'Topics that get a mail of their own about some namespaces.',
      ),
    },
    'a mapping with minSeverity, top, perOwner and routes',
  );

const route = () =>
  field.mapping(
    {
      match: field
        .mapping(
          {
            namespaces: field
              .someOf(
                field.pattern('the name of a namespace'),
                'a list such as ["payments-*"]',
                'name the namespaces of the route',
              )
              .transform(field.unique)
              .meta({ description: 'Namespaces whose workloads the mail is about. Patterns use * and ?.' }),
          },
          'a mapping such as { namespaces: ["payments-*"] }',
        )
        .meta({ description: 'What the mail is about.' }),
      topicArn: aws.topicArn().meta({
        description: 'The SNS topic that gets the mail; cdk deploy allows the auditor to publish to it.',
      }),
    },
    'a mapping such as { match: { namespaces: ["payments-*"] }, topicArn: "arn:aws:sns:…" }',
  );
