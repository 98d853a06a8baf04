import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { findingRow } from '../../lambda/report/rows.ts';
import { readSbom } from '../../lambda/sbom/read-sbom.ts';
import { putImageRows } from '../../lambda/store/sbom/documents.ts';
import { AuditorStack } from '../../lib/auditor-stack.ts';
import { logRetention } from '../../lib/constructs/log-retention.ts';
import {
  type Columns,
  FINDING_COLUMNS,
  INVENTORY_COLUMNS,
  PACKAGE_COLUMNS,
} from '../../lib/constructs/report-columns.ts';
import { addAccount, readSettings, settingsFrom } from '../../lib/settings.ts';
import { bytesOf, spdx2 } from '../sbom/documents.ts';
import { memoryStore } from '../store/memory-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(yaml: string) {
  const file = join(folder, 'audit.config.yaml');
  writeFileSync(file, yaml);
  return () => readSettings(file);
}

describe('a configuration that is deployed', () => {
  test('a configuration is read with its deployment', () => {
    const settings = read('deployment: { emails: [a@example.com] }')();
    expect(settings.deployment.emails).toEqual(['a@example.com']);
    expect(settings.config.preset).toBe('baseline');
  });

  test.each([
    [
      'measure: { writableLayer: daemonset }',
      /measure\.writableLayer: must be off, kubelet or api-server-proxy/,
    ],
    [
      'clusters: { shards: [{ match: ["big-*"], count: 8 }] }',
      /clusters\.shards: only the mode fleet audits a cluster in parts/,
    ],
    ['accounts: [{ id: "111122223333", regions: [eu-west-1] }]', /accounts: 111122223333 has no externalId/],
    [
      'organization: { units: [ou-ab12-12345678], regions: [eu-west-1] }',
      /organization: externalId is missing/,
    ],
    [
      'deployment: { mode: many }',
      /audit\.config\.yaml:1:21: deployment\.mode: must be one of single, fleet/,
    ],
  ])('the configuration %s is refused with a sentence', (yaml, message) => {
    expect(read(yaml)).toThrow(message);
  });

  test('what is wrong in the object of an app is named by its path, without lines of a text that the app does not have', () => {
    expect(() => settingsFrom({ limit: {}, deployment: { mode: 'many' } })).toThrow(
      /^The configuration config has 2 errors:\nconfig: limit: is not a known key; did you mean "limits"\?\nconfig: deployment\.mode: must be one of single, fleet/,
    );
  });

  test('a missing configuration file is named', () => {
    expect(() => readSettings(join(folder, 'none.yaml'))).toThrow(/none\.yaml cannot be read \(ENOENT\)/);
  });
});

describe('an account that an app adds', () => {
  const ONE = { id: '111122223333', externalId: 'drift-1', regions: ['eu-west-1'] };
  const TWO = { id: '444455556666', externalId: 'drift-2', regions: ['us-east-1'], roleName: 'Theirs' };
  const text = '# Kept.\nlimits: { podMaxAge: 7d } # a week\n';

  test('follows those that are listed, in the text that the function gets, which else stays as it was', () => {
    const given = settingsFrom({ accounts: [ONE] });
    const settings = addAccount(given, TWO);
    expect(settings.config.accounts).toEqual([{ ...ONE, roleName: 'EksDriftAuditorMember' }, TWO]);
    expect(given.config.accounts).toHaveLength(1);
    const file = join(folder, 'added.yaml');
    writeFileSync(file, settings.configText);
    expect(readSettings(file)).toEqual(settings);

    writeFileSync(file, text);
    const first = addAccount(addAccount(readSettings(file), ONE), TWO);
    expect(first.configText.startsWith(text)).toBe(true);
    expect(first.config.accounts.map(({ id }) => id)).toEqual([ONE.id, TWO.id]);
    expect(first.config.limits).toEqual(settingsFrom({ limits: { podMaxAge: '7d' } }).config.limits);
  });

  test.each([
    ['accounts:', 'accounts: null'],
    ['accounts: []', 'accounts: []'],
    ['nothing', ''],
    ['a comment alone', '# nothing'],
  ])('is the first one of a file with %s', (_, content) => {
    const file = join(folder, 'empty.yaml');
    writeFileSync(file, content);
    expect(addAccount(readSettings(file), ONE).config.accounts.map(({ id }) => id)).toEqual([ONE.id]);
  });

  test('is checked as those of a file are', () => {
    const settings = settingsFrom({ accounts: [ONE] });
    expect(() => addAccount(settings, ONE)).toThrow(
      /^The configuration config has an error:\nconfig: accounts\[1\]\.id: "111122223333" is listed twice/,
    );
    expect(() => addAccount(settings, { ...TWO, id: '4444' })).toThrow(/config: accounts\[1\]\.id/);
    expect(() => addAccount(settings, { ...TWO, externalId: undefined } as never)).toThrow(
      /444455556666 has no externalId/,
    );
  });

  test('is granted to the function', () => {
    const settings = addAccount(settingsFrom({ accounts: [ONE] }), TWO);
    const code = Code.fromInline('exports.handler = async () => {};');
    const template = Template.fromStack(new AuditorStack(new App(), 'Hub', { settings, code }));
    expect(JSON.stringify(template.toJSON())).toContain(':iam::444455556666:role/Theirs');
  });
});

describe('the quota of concurrent executions', () => {
  const warningsOf = (concurrency: number, more = {}) =>
    settingsFrom({ deployment: { mode: 'fleet', fleet: { concurrency }, ...more } }).warnings;

  test('a reservation above what the default quota leaves is warned of, with the quota that it takes', () => {
    expect(warningsOf(901)).toEqual([expect.stringContaining('takes a Lambda quota of at least 1001')]);
  });

  test('a reservation within the default quota, or none, is not warned of', () => {
    expect(warningsOf(900)).toEqual([]);
    expect(warningsOf(1000, { reserveConcurrency: false })).toEqual([]);
    expect(settingsFrom({}).warnings).toEqual([]);
  });
});

describe('log retention', () => {
  test.each([
    [1, 1],
    [2, 3],
    [90, 90],
    [100, 120],
    [9999, 3653],
  ])('logs for %d days are kept for %d', (wanted, offered) => {
    expect(logRetention(wanted * 86_400_000)).toBe(offered);
  });
});

/** The fields of a row as a Glue type: objects as structs, in lower case. */
function typeOf(value: unknown): string {
  if (Array.isArray(value)) return `array<${typeOf(value[0] ?? '')}>`;
  if (typeof value === 'object' && value !== null) {
    return `struct<${Object.entries(value)
      .map(([name, inner]) => `${name.toLowerCase()}:${typeOf(inner)}`)
      .join(',')}>`;
  }
  return { number: 'bigint', boolean: 'boolean' }[typeof value as 'number' | 'boolean'] ?? 'string';
}

const columnsOf = (row: object): Columns =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), typeOf(value)]));

const A_CAUSE = {
  id: 'i',
  kind: 'host-network',
  object: { kind: 'k', namespace: 'n', name: 'w', part: 'p' },
  content: 'h',
} as const;

describe('the columns of the tables', () => {
  test('the columns of the findings table are the fields of a finding', () => {
    const row = findingRow({
      id: 'a',
      check: 'pod-too-old',
      status: 'new',
      severity: 'high',
      cluster: { name: 'c', arn: 'a', accountId: '1', region: 'r', uid: 'u' },
      workload: { namespace: 'n', kind: 'k', name: 'w' },
      container: null,
      pods: { count: 1, examples: ['p'], oldestStartedAt: 't' },
      evidence: { age: 1 },
      message: 'm',
      cause: A_CAUSE,
      remainsBy: A_CAUSE,
      fix: { text: 't', command: 'c', risk: 'r' },
      remediation: 'r',
      controls: ['c'],
      firstSeen: 't',
      lastSeen: 't',
      exemption: { reason: 'r', owner: 'o', expires: 'd' },
      origin: { file: 'f', line: 1 },
      reason: 'check-off',
    });
    expect(FINDING_COLUMNS).toEqual({ ...columnsOf(row), evidence: 'string' });
  });

  test('the columns of the inventory table are the fields of a pod', async () => {
    const { inventoryRows } = await import('../../lambda/run/inventory-rows.ts');
    const rows: object[] = [];
    const observer = inventoryRows('c', { add: (line) => rows.push(JSON.parse(line)), restart: () => {} });
    observer.add({
      name: 'p',
      namespace: 'n',
      uid: 'u',
      labels: {},
      owner: null,
      createdAt: 1,
      startedAt: 1,
      deletedAt: null,
      phase: 'Running',
      nodeName: 'x',
      serviceAccount: 'default',
      spec: {
        containers: [
          {
            name: 'c',
            type: 'container',
            image: 'i',
            imageId: 'd',
            readOnlyRootFilesystem: null,
            runAsNonRoot: null,
            runAsUser: null,
            mounts: [],
            ports: [],
          },
        ],
        volumes: [],
        hostNetwork: false,
        runAsNonRoot: null,
        runAsUser: null,
        os: null,
        mirror: false,
      },
      containerStates: [{ container: 'c', running: true, startedAt: 1 }],
      source: 'pod',
    });
    expect(INVENTORY_COLUMNS).toEqual(columnsOf(rows[0] ?? {}));
  });

  test('the columns of the table of packages are the fields of a row of an image', async () => {
    const store = memoryStore();
    const [one] = readSbom(bytesOf(spdx2([{ name: 'x', version: '1', purl: 'pkg:npm/%40y/x@1' }]))).packages;
    if (one === undefined) throw new Error('nothing was read');
    await putImageRows(store, 'sha256:a', [{ digest: 'sha256:b', packages: [one] }]);
    const [bytes] = store.objects.values();
    expect(PACKAGE_COLUMNS).toEqual(columnsOf(JSON.parse(gunzipSync(bytes ?? '').toString('utf8'))));
  });
});
