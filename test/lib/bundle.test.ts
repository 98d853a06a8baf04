import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { FLEET } from './deployed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE = join(ROOT, 'node_modules', '.bin', 'node');
const run = promisify(execFile);

const SINGLE = 'deployment: { emails: [security@example.com] }\n';

/** SPEC §11. */
const MOST_BYTES = 2_500_000;

jest.setTimeout(300_000);

let folder: string;
/** By handler: where its bundle lies as Lambda lays it out. */
let tasks: ReadonlyMap<string, string>;
let s3: Server;
let summary: string | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  tasks = new Map([...(await synthesise('single', SINGLE)), ...(await synthesise('fleet', FLEET))]);
  s3 = createServer((request, response) => {
    const found = request.url?.startsWith('/reports/latest/summary.json') ? summary : null;
    if (found === null) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
      return;
    }
    response.writeHead(200, { etag: '"1"', 'content-type': 'application/json' }).end(found);
  });
  await new Promise<void>((resolve) => s3.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  s3.closeAllConnections();
  await new Promise((resolve) => s3.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Runs the app as the CDK's command line does, without credentials, home or region. */
async function synthesise(mode: string, yaml: string): Promise<ReadonlyMap<string, string>> {
  const config = join(folder, `${mode} config.yaml`);
  writeFileSync(config, yaml);
  const out = join(folder, `${mode}.out`);
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', CDK_OUTDIR: out };
  const context = JSON.stringify({ config });
  await run(NODE, ['--import', 'tsx', 'bin/app.ts'], {
    cwd: ROOT,
    env: { ...env, CDK_CONTEXT_JSON: context },
  });
  const template = JSON.parse(readFileSync(join(out, 'EksDriftAuditor.template.json'), 'utf8'));
  const resources = Object.values<FunctionResource>(template.Resources);
  return new Map(
    resources
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties: { Description, Code } }) => {
        const asset = `asset.${Code.S3Key.replace(/\.zip$/, '')}`;
        const task = join(folder, mode, asset, 'var', 'task');
        cpSync(join(out, asset), task, { recursive: true });
        return [Description, task] as const;
      }),
  );
}

interface FunctionResource {
  readonly Type: string;
  readonly Properties: { readonly Description: string; readonly Code: { readonly S3Key: string } };
}

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
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`,
    REPORT_BUCKET: 'reports',
    NODE_OPTIONS: '--enable-source-maps',
    POWERTOOLS_SERVICE_NAME: 'TheHub',
  };
  const { stdout, stderr } = await run(NODE, ['--input-type=module', '-e', program], { cwd: task, env });
  const answer = JSON.parse(stderr.split('\nANSWER ').at(-1) ?? '') as Omit<Answer, 'log'>;
  return { ...answer, log: stdout };
}

const HANDLERS = [
  'Audits all clusters and sends the digest',
  'Finds the clusters to audit',
  'Audits one cluster',
  'Puts the results of all clusters together and sends the digest',
  'Measures the age of the last run',
];

describe('the synthesised bundles', () => {
  test('are there for each function', () => {
    expect([...tasks.keys()].sort()).toEqual([...HANDLERS].sort());
  });

  test.each(HANDLERS)('"%s" is one small file beside the configuration', (description) => {
    const task = tasks.get(description) ?? '';
    expect(readdirSync(task).sort()).toEqual(['audit.config.yaml', 'index.mjs', 'index.mjs.map']);
    expect(statSync(join(task, 'index.mjs')).size).toBeLessThanOrEqual(MOST_BYTES);
    expect([SINGLE, FLEET]).toContain(readFileSync(join(task, 'audit.config.yaml'), 'utf8'));
  });

  test.each(HANDLERS.slice(0, 4))(
    '"%s" loads with nothing around it, and refuses what is no event',
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
    expect(result).toEqual({ hours: null });
    expect(log).not.toContain('HoursSinceLastRun');
  });
});
