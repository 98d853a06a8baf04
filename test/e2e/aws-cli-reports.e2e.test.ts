import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordProblems } from '../audit/recording.ts';
import { type AwsFleet, startAwsFleet } from './support/aws-fleet.ts';
import { ONLY_PROOF, runCli } from './support/run-cli.ts';
import { stateOf } from './support/run-records.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;

let fleet: AwsFleet;

beforeAll(async () => {
  fleet = await startAwsFleet(new Date(NOW));
});

afterAll(() => fleet?.stop());

const audit = (...args: readonly string[]) => {
  const { REPORT_BUCKET = '', TOPIC_ARN = '', CONFIG = '', ...env } = fleet.env;
  const given = ['--all-eks', '--config', CONFIG, '--report-bucket', REPORT_BUCKET, '--topic-arn', TOPIC_ARN];
  return runCli(['audit', ...given, '--fail-on', 'never', ...args], env);
};

describe('audit --report-bucket --topic-arn', () => {
  test('records in the bucket, sends the mail, and says where the report is', async () => {
    const { code, stdout, stderr } = await audit();
    expect([code, stderr]).toEqual([3, expect.stringMatching(ONLY_PROOF)]);
    const objects = await fleet.bucket.objects();
    expect(recordProblems(objects)).toEqual([]);
    expect(stateOf(objects, fleet.clusters.main).length).toBeGreaterThan(20);
    const [mail] = await fleet.mailbox.receive();
    expect(mail?.Subject).toMatch(/^EKS audit INCOMPLETE: first run, .*; [0-9a-z-]+ not audited$/);
    const location = /s3:\/\/reports\/runs\/\S+/.exec(mail?.Message ?? '')?.[0] ?? '';
    expect(stdout).toContain(location);
  });

  test('compares with the run before it', async () => {
    const { stdout } = await audit('-o', 'json');
    const statuses = new Set(JSON.parse(stdout).findings.map(({ status }: { status: string }) => status));
    expect(statuses).toEqual(new Set(['open']));
    const [mail] = await fleet.mailbox.receive();
    expect(mail?.Subject).toContain('nothing new');
  });

  test('prints what it has found even when the mail cannot be sent', async () => {
    const nowhere = 'arn:aws:sns:eu-west-1:111122223333:nowhere';
    const { code, stdout, stderr } = await audit('-o', 'json', '--topic-arn', nowhere);
    expect(code).toBe(5);
    expect(JSON.parse(stdout).findings.length).toBeGreaterThan(20);
    expect(stderr).toContain(`error: The digest could not be published to ${nowhere}`);
  });

  test('of a bucket that does not exist prints what it has found, and an error in one line', async () => {
    const { code, stdout, stderr } = await audit('--report-bucket', 'no-such-bucket');
    expect(code).toBe(5);
    expect(stdout).toContain('EKS DRIFT AUDIT');
    expect(stdout).not.toContain('Full report');
    expect(stderr).toMatch(/^error: .*s3:\w+ failed for s3:\/\/no-such-bucket\/.*create the bucket.*\n$/m);
  });
});
