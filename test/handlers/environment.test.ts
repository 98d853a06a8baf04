import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../lambda/config/load.ts';
import { clientConfig } from '../../lambda/connect/aws/client.ts';
import { UsageError } from '../../lambda/errors.ts';
import { readEnvironment } from '../../lambda/handlers/environment.ts';
import { loadConfig } from '../../lambda/handlers/load-config.ts';
import { SCHEDULE_EVENT, startedBy } from '../../lambda/handlers/schedule-event.ts';
import { hubCredentials } from '../support/aws-server.ts';
import { startS3Server } from '../support/s3-server.ts';

const LEAST = { AWS_REGION: 'eu-west-1', REPORT_BUCKET: 'reports' };
const config = defaultConfig();

describe('the environment of a function', () => {
  test('the environment of a function needs a bucket, and takes empty variables as absent', () => {
    expect(readEnvironment({ ...LEAST, TOPIC_ARN: '', EVENT_BUS: '', SECURITY_HUB: '' })).toMatchObject({
      REPORT_BUCKET: 'reports',
      TOPIC_ARN: null,
      EVENT_BUS: null,
      SECURITY_HUB: null,
    });
  });

  test('a wrong environment is refused with every wrong variable named', () => {
    const env = { AWS_REGION: 'eu-west-1', TOPIC_ARN: 'digest', SECURITY_HUB: 'on' };
    expect(() => readEnvironment(env)).toThrow(
      /^The environment of the function is wrong: REPORT_BUCKET is required: a text; TOPIC_ARN must be an ARN of sns; SECURITY_HUB must be "off" or .*, not "on"\.$/,
    );
  });
});

describe('the configuration of a function', () => {
  const s3 = new S3Client({ region: 'eu-west-1' });
  const warn = (line: string): never => {
    throw new Error(line);
  };
  const environment = (more: Readonly<Record<string, string>>) => readEnvironment({ ...LEAST, ...more });

  test('the configuration of a function is the file beside the code, which must be there; elsewhere the defaults', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'code-'));
    try {
      const LAMBDA_TASK_ROOT = folder;
      // An asset that was packed anew without it would be audited with other limits and accounts.
      await expect(loadConfig(environment({ LAMBDA_TASK_ROOT }), s3, warn)).rejects.toThrow(
        `The configuration ${join(folder, 'audit.config.yaml')} cannot be read (ENOENT)`,
      );
      expect(await loadConfig(environment({}), s3, warn)).toEqual(config);
      await writeFile(join(folder, 'audit.config.yaml'), 'limits: { podMaxAge: 1d }\n');
      const { limits } = await loadConfig(environment({ LAMBDA_TASK_ROOT }), s3, warn);
      expect(limits.podMaxAge).toBe(86_400_000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a configuration that is named must exist and be valid', async () => {
    await expect(loadConfig(environment({ CONFIG: '/nowhere.yaml' }), s3, warn)).rejects.toThrow(
      'The configuration /nowhere.yaml cannot be read (ENOENT)',
    );
    await expect(loadConfig(environment({ CONFIG: 's3://bucket' }), s3, warn)).rejects.toThrow(
      'CONFIG must be a path or s3://bucket/key, not "s3://bucket".',
    );
  });
});

describe('a configuration in a bucket', () => {
  const load = async (text: string) => {
    const server = await startS3Server({ objects: new Map([['audit/config.yaml', Buffer.from(text)]]) });
    const client = new S3Client(
      clientConfig({ region: 'eu-west-1', endpoint: server.url, credentials: hubCredentials }),
    );
    try {
      const env = readEnvironment({ ...LEAST, CONFIG: 's3://configuration/audit/config.yaml' });
      return await loadConfig(env, client, (line) => {
        throw new Error(line);
      });
    } finally {
      client.destroy();
      await server.close();
    }
  };

  test('is read, and one that was emptied is refused: it would be that of no one', async () => {
    expect((await load('limits: { podMaxAge: 1d }')).limits.podMaxAge).toBe(86_400_000);
    for (const empty of ['', ' \n', '# soon\n', 'null\n', '---\n']) {
      await expect(load(empty)).rejects.toThrow(
        'The configuration s3://configuration/audit/config.yaml is empty; write it again, or {} for the defaults.',
      );
    }
    expect(await load('{}')).toEqual(config);
  });
});

describe('an event of the schedule', () => {
  const event = (value: object) => SCHEDULE_EVENT.parse(value);
  const later = Date.parse('2026-03-02T06:03:00Z');

  test('an event of the schedule names the same run whenever and however often it is delivered', () => {
    const one = startedBy(event({ scheduledTime: '2026-03-02T06:00:00Z' }), config, later);
    const two = startedBy(event({ scheduledTime: '2026-03-02T07:00:00+01:00' }), config, later + 99_000);
    expect(two).toEqual(one);
    expect(one).toMatchObject({ once: true, run: { startedAt: '2026-03-02T06:00:00.000Z' } });
    expect(one.run.id).toMatch(/^20260302T060000Z-[0-9a-f]{8}$/);
  });

  test('an event of another time, or with another configuration, is another run', () => {
    const id = (time: string, settings = config) =>
      startedBy(event({ scheduledTime: time }), settings, Date.parse(time)).run.id;
    const one = id('2026-03-02T06:00:00Z');
    expect(id('2026-03-09T06:00:00Z')).not.toBe(one);
    expect(id('2026-03-02T06:00:00Z', defaultConfig('strict'))).not.toBe(one);
  });

  test('the event of a schedule carries its time, and a manual start none', () => {
    expect(startedBy(event({ time: '2026-03-02T06:00:00Z', source: 'aws.events' }), config, later).once).toBe(
      true,
    );
    expect(startedBy(event({}), config, later)).toMatchObject({
      once: false,
      run: { startedAt: '2026-03-02T06:03:00.000Z' },
    });
  });

  test('a run counts as scheduled only where a schedule has sent the event', () => {
    const time = '2026-03-02T06:00:00Z';
    const starts = [{ scheduledTime: time }, { time, source: 'aws.events' }, { time }, {}];
    expect(starts.map((sent) => startedBy(event(sent), config, later).start)).toEqual([
      'scheduled',
      'scheduled',
      'manual',
      'manual',
    ]);
  });

  test('an event in which the scheduler has filled in nothing is refused', () => {
    expect(SCHEDULE_EVENT.safeParse({ scheduledTime: '<aws.scheduler.scheduled-time>' }).success).toBe(false);
  });

  test('an event more than a day ahead is refused, and one a little ahead is not', () => {
    const at = (time: string) => startedBy(event({ scheduledTime: time }), config, later);
    expect(at('2026-03-03T06:00:00Z').once).toBe(true);
    expect(() => at('2099-01-01T00:00:00Z')).toThrow(
      /^The event is for 2099-01-01T00:00:00Z, which is more than a day/,
    );
    expect(() => startedBy(event({ time: '2026-03-04T06:00:00Z' }), config, later)).toThrow(UsageError);
  });

  test('an event of another service starts nothing', () => {
    for (const foreign of [{ Records: [{ eventSource: 'aws:s3' }] }, { key1: 'value1' }, { detail: {} }]) {
      expect(SCHEDULE_EVENT.safeParse(foreign).success).toBe(false);
    }
  });
});
