import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HUB } from '../support/aws-server.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { run } from './run.ts';

const TOPIC = `arn:aws:sns:eu-west-1:${HUB}:digest`;
const ENV = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ENDPOINT_URL_SNS'] as const;

let aws: S3Server;
let folder: string;
let before: readonly (string | undefined)[];

beforeEach(async () => {
  aws = await startS3Server();
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
  before = ENV.map((name) => process.env[name]);
  for (const [index, name] of ENV.entries()) process.env[name] = [`AKIA${HUB}`, 'secret', aws.url][index];
});

afterEach(async () => {
  for (const [index, name] of ENV.entries()) {
    const value = before[index];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
  await aws.close();
});

const audit = (day: number, ...more: readonly string[]) =>
  run(['audit', '--sample', '--now', `2026-11-2${day}T06:00:00Z`, '--out', folder, ...more]);

describe('the digest of the command line', () => {
  test('a digest that could not be published is repeated in the next one, with the findings that had no mail', async () => {
    aws.reset(new Map(), () => ({ kind: 'status', status: 403, code: 'AuthorizationError' }));
    const refused = await audit(1, '--topic-arn', TOPIC);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toMatch(/^error: The digest could not be published/m);
    aws.reset(new Map());
    await audit(2);
    expect(aws.mails).toEqual([]);
    await audit(3, '--topic-arn', TOPIC);
    const [mail] = aws.mails;
    expect(mail?.get('Message')).toMatch(/^LATE: 2 runs since Sat, 21 Nov 2026 06:00 UTC had no mail/m);
    expect(mail?.get('Message')).toMatch(/^NEW: \d{2,} findings/m);
    aws.reset(new Map());
    await audit(4, '--topic-arn', TOPIC);
    expect(aws.mails[0]?.get('Message')).not.toMatch(/^LATE/m);
  });

  test('no mail is due in a folder without recipients', async () => {
    await audit(1);
    await audit(2, '--topic-arn', TOPIC);
    expect(aws.mails[0]?.get('Message')).not.toMatch(/^LATE/m);
  });

  test('mails to owners and along routes follow it, and one that is refused keeps no other back', async () => {
    const route = `arn:aws:sns:eu-west-1:${HUB}:finance`;
    const config = join(folder, 'audit.config.yaml');
    writeFileSync(
      config,
      `owners: { namespaces: { invoices: finance, legacy: erp } }
digest: { perOwner: true, routes: [{ match: { namespaces: [invoices] }, topicArn: "${route}" }] }
`,
    );
    aws.reset(new Map(), ({ topic }) =>
      topic === route ? { kind: 'status', status: 403, code: 'AuthorizationError' } : null,
    );
    const { code, stderr } = await audit(1, '--topic-arn', TOPIC, '--config', config);
    expect(code).toBe(5);
    expect(stderr).toContain(`The digest could not be published to ${route}`);
    const subjects = aws.mails.map((mail) => mail.get('Subject') ?? '');
    expect(subjects).toHaveLength(3);
    expect(subjects[0]).not.toContain(' for ');
    expect(subjects.slice(1).sort()).toEqual([
      expect.stringContaining('EKS audit for erp'),
      expect.stringContaining('EKS audit for finance'),
    ]);
    // Its news has had its mail.
    aws.reset(new Map());
    await audit(2, '--topic-arn', TOPIC, '--config', config);
    expect(aws.mails).toHaveLength(4);
    expect(aws.mails[0]?.get('Message')).not.toMatch(/^LATE/m);
  });
});
