import { describe, expect, it, test } from '@jest/globals';
import { configHash } from '../../lambda/config/hash.ts';
import { checkConfig, formatProblem, parseDeployment } from '../../lambda/config/load.ts';
import { longestGap, scheduleProblem } from '../../lambda/config/schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const said = (text: string): readonly string[] =>
  checkConfig(`deployment:\n  ${text}`, []).problems.map((problem) => formatProblem(problem, 'f').slice(2));
const read = (text: string) => parseDeployment(text, 'audit.config.yaml', []);

describe('the deployment', () => {
  test('an empty file gives the deployment defaults', () => {
    expect(read('').deployment).toMatchObject({
      name: 'EksDriftAuditor',
      mode: 'single',
      schedule: { cron: '0 6 * * ? *', timeZone: 'UTC' },
      emails: [],
      vpc: null,
      retention: { reports: 400 * DAY, inventory: 90 * DAY, logs: 90 * DAY },
      objectLock: null,
      securityHub: 'off',
      signing: 'on',
      eventBus: null,
    });
  });

  test('an empty deployment section is the same as none', () => {
    const empty =
      'deployment:\n  fleet:\n  schedule:\n  alarms:\n  vpc:\n  retention:\n  objectLock:\n  emails:\n';
    expect(read(empty).deployment).toEqual(read('').deployment);
  });

  test('a deployment setting that is given is kept', () => {
    const { deployment } = read(
      'deployment: { mode: fleet, fleet: { concurrency: 7 }, retention: { reports: 800d, inventory: 400d }, objectLock: { mode: compliance, period: 365d }, vpc: { id: vpc-01234567, subnets: [subnet-01234567] } }',
    );
    expect(deployment).toMatchObject({
      mode: 'fleet',
      concurrency: 7,
      retention: { reports: 800 * DAY, inventory: 400 * DAY },
      objectLock: { mode: 'compliance', period: 365 * DAY },
      vpc: { id: 'vpc-01234567', subnets: ['subnet-01234567'], clusterSecurityGroups: [] },
    });
  });

  test('records are signed by a new key, by an existing one, or not at all', () => {
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const signing = (text: string) => read(`deployment: { signing: ${text} }`).deployment.signing;
    expect(['on', 'true', 'off', 'false', `"${arn}"`].map(signing)).toEqual(['on', 'on', 'off', 'off', arn]);
  });

  test('the deployment section does not change the config hash', () => {
    const hash = (text: string) => configHash(read(text).config);
    expect(hash('deployment: { emails: [a@example.com] }')).toBe(hash(''));
  });
});

describe('deployments that are wrong', () => {
  it.each([
    [
      'emails: [security]',
      '11: deployment.emails[0]: "security" is not a mail address; write one such as security@example.com.',
    ],
    ['emails: [a@b.de, A@b.de]', '19: deployment.emails[1]: "A@b.de" is listed twice.'],
    [
      'schedule: { timeZone: CEST/Paris }',
      '15: deployment.schedule.timeZone: "CEST/Paris" is not a time zone; write one of the IANA database such as Europe/Berlin, or UTC.',
    ],
    ['fleet: { concurrency: 5 }', '10: deployment.fleet: is only for the mode fleet; add mode: fleet.'],
    ['retention: { logs: 36h }', '16: deployment.retention.logs: must be whole days, such as 90d.'],
    [
      'name: 1st',
      '9: deployment.name: "1st" is not a name such as EksDriftAuditor; write a letter and up to 31 letters, digits and hyphens.',
    ],
    ['vpc: { id: vpc-1, subnets: [] }', '8: '],
    [
      'vpc: { id: vpc-01234567, subnets: [subnet-01234567], endpoints: both }',
      'deployment.vpc.endpoints: must be create or off, not "both"',
    ],
    [
      'vpc: { id: vpc-01234567, subnets: [subnet-01234567], endpoints: create, routeTables: [main] }',
      'deployment.vpc.routeTables[0]: "main" is not the id of a route table; write one such as rtb-0123456789abcdef0.',
    ],
    [
      'vpc: { id: vpc-01234567, subnets: [subnet-01234567], routeTables: [rtb-01234567] }',
      'deployment.vpc.routeTables: get a gateway endpoint only with endpoints: create; add it, or leave routeTables out.',
    ],
    ['kmsKeyArn: alias/audit', '14: deployment.kmsKeyArn: "alias/audit" is not the ARN of a KMS key; '],
    [
      'configObject: https://x/y',
      '17: deployment.configObject: "https://x/y" is not the address of an object; write s3://BUCKET/KEY.',
    ],
    [
      'accessEntries: ["arn:aws:eks:x"]',
      '19: deployment.accessEntries[0]: "arn:aws:eks:x" is not the name of a cluster; ',
    ],
    [
      'signing: alias/audit',
      '10: deployment.signing: "alias/audit" is not how records are signed; write on, off, or',
    ],
    ['eventBus: "a b"', 'deployment.eventBus: "a b" is not the name or ARN of an event bus; '],
    [
      'alarms: { topicArn: on-call }',
      '13: deployment.alarms.topicArn: "on-call" is not the ARN of an SNS topic; ',
    ],
  ])('the wrong deployment setting %s is refused', (line, message) => {
    const [first = ''] = said(line);
    expect(first.replace(/^2:\d+: /, '')).toContain(message.replace(/^\d+: /, ''));
    expect(first).toMatch(/^2:\d+: deployment/);
  });

  test('an object lock longer than the retention is refused with both periods', () => {
    expect(said('objectLock: { mode: governance, period: 500d }')).toEqual([
      expect.stringContaining('locks objects for longer than retention.reports (400d)'),
    ]);
    expect(said('objectLock: { mode: governance, period: 365d }')).toEqual([
      expect.stringContaining('locks objects for longer than retention.inventory (90d)'),
    ]);
  });
});

describe('schedules', () => {
  it.each([
    ['0 6 * * ? *', DAY],
    ['0 6 ? * MON *', 7 * DAY],
    ['0 6 ? * MON-FRI *', 3 * DAY],
    ['0 6,18 ? * * *', 12 * HOUR],
    ['30 5/6 * * ? *', 6 * HOUR],
    ['0 6 1 * ? *', 31 * DAY],
    ['0 6 L * ? *', 31 * DAY],
    ['0 6 ? * 2#1 *', 35 * DAY],
    ['0 6 ? * 6L *', 35 * DAY],
    ['0 6 15W * ? *', 32 * DAY],
    ['0 6 29 2 ? *', 1461 * DAY],
  ])('the schedule %s leaves %d ms at most between two runs', (cron, gap) => {
    expect(scheduleProblem(cron)).toBeNull();
    expect(longestGap(cron)).toBe(gap);
  });

  it.each([
    ['0 6 * * *', 'has 5 fields; write six'],
    ['cron(0 6 * * ? *)', 'must be written without cron( and )'],
    ['0 6 * * * *', 'must have ? for exactly one of'],
    ['0 6 ? * ? *', 'must have ? for exactly one of'],
    ['0 6 * * ? 2027', 'must have * for the year'],
    ['0 24 * * ? *', 'cannot be read at the hour'],
    ['60 6 * * ? *', 'cannot be read at the minute'],
    ['0 6 ? * MO *', 'cannot be read at the day'],
    ['0 6 ? * FRI-MON *', 'cannot be read at the day'],
    ['0 6 32W * ? *', 'cannot be read at the day'],
    ['0 6 31 2 ? *', 'never occurs'],
    ['*/15 * * * ? *', 'less than an hour apart'],
    ['0/0 6 * * ? *', 'cannot be read at the minute'],
  ])('the schedule %s is refused', (cron, why) => {
    expect(scheduleProblem(cron)).toContain(why);
  });

  test('the default schedule is accepted', () => {
    expect(scheduleProblem(read('').deployment.schedule.cron)).toBeNull();
  });
});
