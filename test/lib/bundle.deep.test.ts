import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Listening, onLoopback } from '../support/on-loopback.ts';
import { NODE, synthesise } from '../support/synthesised-functions.ts';
import { FLEET } from './deployed.ts';

const run = promisify(execFile);

const SINGLE = 'deployment: { name: TheHub, emails: [security@example.com] }\n';

/** SPEC §11. */
const MOST_BYTES = 2_500_000;

let folder: string;
/** By handler: where its bundle lies as Lambda lays it out. */
let tasks: ReadonlyMap<string, string>;
let s3: Listening;
let summary: string | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  tasks = new Map([
    ...(await synthesise({ folder, mode: 'single', yaml: SINGLE })),
    ...(await synthesise({ folder, mode: 'fleet', yaml: FLEET })),
  ]);
  const server = createServer((request, response) => {
    const found = request.url?.startsWith('/reports/latest/summary.json') ? summary : null;
    if (found === null) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
      return;
    }
    response.writeHead(200, { etag: '"1"', 'content-type': 'application/json' }).end(found);
  });
  s3 = await onLoopback(server);
});

afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
  readonly log: string;
}

/** Loads the bundle in a process that has nothing but what Lambda gives, and calls its handler once. */
async function invoke(description: string, event: unknown): Promise<Answer> {
  const task = tasks.get(description) ?? '';
  const program = `
    const { handler } = await import('${task}/index.mjs');
    const context = { awsRequestId: 'r', functionName: 'f', memoryLimitInMB: '1769', getRemainingTimeInMillis: () => 60000 };
    const answer = await handler(${JSON.stringify(event)}, context).then((result) => ({ result }), (error) => ({ error: error.message }));
    process.stderr.write('\\nANSWER ' + JSON.stringify(answer));`;
  const env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    LAMBDA_TASK_ROOT: task,
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0',
    AWS_ENDPOINT_URL: s3.url,
    REPORT_BUCKET: 'reports',
    POWERTOOLS_SERVICE_NAME: 'TheHub',
  };
  const { stdout, stderr } = await run(NODE, ['--input-type=module', '-e', program], { cwd: task, env });
  const answer = JSON.parse(stderr.split('\nANSWER ').at(-1) ?? '') as Omit<Answer, 'log'>;
  return { ...answer, log: stdout };
}

const HANDLERS = [
  'Audits all clusters and sends the digest',
  'Finds the clusters to audit',
  'Audits one cluster and records it',
  'Sends the digest of all clusters and ends the run',
  'Measures the age of the last run',
];

describe('the stacks', () => {
  test('the stacks have the same names on the command line, whatever the deployment is called', () => {
    const { artifacts } = JSON.parse(readFileSync(join(folder, 'single.out', 'manifest.json'), 'utf8')) as {
      readonly artifacts: Readonly<Record<string, { readonly properties: { readonly stackName?: string } }>>;
    };
    const namesOf = (id: string) => artifacts[id]?.properties.stackName;
    expect(['EksDriftAuditor', 'EksDriftAuditorMember'].map(namesOf)).toEqual(['TheHub', 'TheHubMember']);
  });
});

describe('the synthesised bundles', () => {
  test('a synthesised bundle exists for each function', () => {
    expect([...tasks.keys()].sort()).toEqual([...HANDLERS].sort());
  });

  test.each(HANDLERS)('the bundle "%s" is one small file beside the configuration', (description) => {
    const task = tasks.get(description) ?? '';
    expect(readdirSync(task).sort()).toEqual(['audit.config.yaml', 'index.mjs', 'index.mjs.map']);
    expect(statSync(join(task, 'index.mjs')).size).toBeLessThanOrEqual(MOST_BYTES);
    expect([SINGLE, FLEET]).toContain(readFileSync(join(task, 'audit.config.yaml'), 'utf8'));
  });

  test.each(HANDLERS.slice(0, 4))(
    'the bundle "%s" loads without node_modules, and refuses an invalid event',
    async (description) => {
      const { error } = await invoke(description, { scheduledTime: 7, run: 7 });
      expect(error).toMatch(/^The event is not one for this function/);
    },
  );

  test('the age of the last run is measured and written as a metric', async () => {
    summary = JSON.stringify({ run: { startedAt: new Date(Date.now() - 5 * 3_600_000).toISOString() } });
    const { result, log } = await invoke('Measures the age of the last run', {});
    expect((result as { hours: number }).hours).toBeCloseTo(5, 1);
    const metric = log.split('\n').find((line) => line.includes('CloudWatchMetrics')) ?? '{}';
    expect(JSON.parse(metric)).toMatchObject({
      HoursSinceLastRun: expect.closeTo(5, 1),
      service: 'TheHub',
      _aws: { CloudWatchMetrics: [{ Namespace: 'EksDriftAuditor', Dimensions: [['service']] }] },
    });
  });

  test.each([
    ['there was none', null],
    ['its summary cannot be read', '<html>'],
    ['its summary has no time', '{"run":{}}'],
  ])('no age is written when %s, which the alarm counts as late', async (_, content) => {
    summary = content;
    const { result, log } = await invoke('Measures the age of the last run', {});
    expect(result).toEqual({ hours: null, coverage: null });
    expect(log).not.toContain('HoursSinceLastRun');
  });
});
