import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { VERSION } from '../../lambda/version.ts';
import { HUB } from '../support/aws-server.ts';
import { type Deployment, deploy } from './scheduled-run.ts';

const TIME = '2026-11-21T06:00:00Z';
const CONFIG = 'clusters: { exclude: ["analytics*"] }\negress: { routing: off }\n';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy(Date.parse(TIME), { configuration: CONFIG });
  expect((await deployment.deliver(TIME)).outcome).toBe('done');
});
afterAll(() => deployment.close());

function objectAt(end: string): Uint8Array {
  const found = [...deployment.aws.objects].filter(([key]) => key.endsWith(end));
  expect(found.map(([key]) => key)).toHaveLength(1);
  return found[0]?.[1] ?? Buffer.alloc(0);
}

describe('the record of a scheduled run', () => {
  test('run.json says who read which cluster in which version, and what was left out and why', () => {
    const record = JSON.parse(Buffer.from(objectAt('/run.json')).toString());
    const arnOf = (name: string): string => `arn:aws:eks:eu-west-1:${HUB}:cluster/${name}`;
    expect(record).toEqual({
      run: expect.stringMatching(/^20261121T060000Z-/),
      tool: { version: VERSION, bundleSha256: null },
      start: 'scheduled',
      targets: [
        {
          cluster: expect.objectContaining({ arn: arnOf('shop-prod') }),
          outcome: 'audited',
          kubernetesVersion: '1.36',
          principal: `arn:aws:iam::${HUB}:user/auditor`,
          status: 'ACTIVE',
          readAt: '2026-11-21T06:00:05.000Z',
        },
      ],
      leftOut: [{ name: 'analytics-prod', arn: arnOf('analytics-prod'), reason: 'excluded' }],
      unfinished: [],
    });
  });

  test('the trend holds the run, with the manifest that it has', () => {
    const [line = ''] = gunzipSync(objectAt('state/trend.ndjson.gz')).toString().split('\n');
    expect(JSON.parse(line)).toMatchObject({
      run: expect.stringMatching(/^20261121T060000Z-/),
      clusters: { total: 1, audited: 1, failed: 0 },
      manifest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('compliance.csv has a row for each control of each check, with the object that has the findings', () => {
    const [header = '', ...rows] = Buffer.from(objectAt('/compliance.csv'))
      .toString()
      .trimEnd()
      .split('\r\n');
    const supported = CATALOGUE.flatMap(({ controls }) => controls);
    expect(rows).toHaveLength(supported.length);
    const [key = ''] = [...deployment.aws.objects.keys()].filter((name) =>
      name.includes('findings/account='),
    );
    for (const row of rows) expect(row).toContain(key.slice(key.indexOf('findings/')));
    expect(header.split(',').slice(-2)).toEqual(['findings_key', 'findings_sha256']);
    const results = new Set(
      rows.map((row) => /,(fail|not evaluated|exempt only|pass|not applicable),/.exec(row)?.[1]),
    );
    expect(results.has(undefined)).toBe(false);
    expect(results.has('fail')).toBe(true);
  });
});
