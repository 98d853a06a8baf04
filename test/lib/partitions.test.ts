import { describe, expect, test } from '@jest/globals';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AuditorStack, MemberStack } from '../../lib/index.ts';
import { EVERYTHING, FLEET, settingsOf } from './deployed.ts';

const CODE = Code.fromInline('exports.handler = async () => {};');
const ACCOUNT = '111122223333';

/** Every text in a template, whatever joins it. */
const textOf = (stack: Stack): string => JSON.stringify(Template.fromStack(stack).toJSON());

describe.each([
  ['GovCloud', 'us-gov-west-1'],
  ['China', 'cn-north-1'],
])('in %s', (_, region) => {
  const env = { account: ACCOUNT, region };
  // Names that a configuration gives are its own affair.
  const inPartition = (yaml: string): string => yaml.replaceAll('arn:aws:', 'arn:aws-other:');

  test.each([
    ['one function', EVERYTHING],
    ['a fleet', FLEET],
    ['the defaults', ''],
  ])('a hub with %s names no ARN of the commercial partition', (_, yaml) => {
    const settings = settingsOf(inPartition(yaml));
    const stack = new AuditorStack(new App(), 'Hub', { settings, code: CODE, env });
    expect(textOf(stack).match(/arn:aws:[^"]{0,60}/g)).toBeNull();
  });
});

test('a member names no ARN of the commercial partition', () => {
  expect(textOf(new MemberStack(new App(), 'Member')).match(/arn:aws:[^"]{0,60}/g)).toBeNull();
});
