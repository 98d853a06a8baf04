import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { uriFrom } from '../../../lambda/cli/location.ts';
import { rulesOf } from '../../../lambda/cli/sarif-source.ts';
import { defaultConfig } from '../../../lambda/config/load.ts';
import type { RunResult } from '../../../lambda/findings/run-result.ts';
import { sarifDocument } from '../../../lambda/report/sarif.ts';
import { SEVERITIES } from '../../../lambda/severity.ts';
import { aCluster, aFinding, aGap, anAudited, aRun } from '../builders.ts';
import { violations } from './draft-04.ts';

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json */
const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'sarif-schema-2.1.0.json'), 'utf8'));
const rules = rulesOf(defaultConfig());
const at = { origin: { file: 'deploy/web app.yaml', line: 12 } };

function sarif(run: RunResult) {
  const text = [
    ...sarifDocument(run, {
      rules,
      uriOf: (file) => uriFrom('/repo', file),
      exitCode: 1,
      complete: run.clusters.every(({ notEvaluated }) => notEvaluated.length === 0),
    }),
  ].join('');
  const document = JSON.parse(text);
  expect(violations(schema, document)).toEqual([]);
  return document;
}
const resultsOf = (run: RunResult) => sarif(run).runs[0].results;

test('the schema refuses what is not SARIF', () => {
  const result = (one: object) => ({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'x' } }, results: [one] }],
  });
  const located = (uri: string, startLine: number) => ({
    message: { text: 'x' },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine } } }],
  });
  expect(violations(schema, result(located('a/b.yaml', 1)))).toEqual([]);
  for (const wrong of [
    {},
    { message: {} },
    { message: { text: 'x' }, level: 'high' },
    { message: { text: 'x' }, foo: 1 },
    located('a b.yaml', 1),
    located('a.yaml', 0),
  ]) {
    expect(violations(schema, result(wrong))).not.toEqual([]);
  }
});

describe('a finding', () => {
  const [result] = resultsOf(aRun([anAudited(aCluster(), [{ ...aFinding({ container: 'app' }), ...at }])]));

  test('a finding has its rule, level, place and a fingerprint that does not hold the line', () => {
    expect(result).toMatchObject({
      ruleId: 'egress-unrestricted',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'deploy/web%20app.yaml' },
            region: { startLine: 12 },
          },
        },
      ],
    });
    expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
    const moved = { ...aFinding({ container: 'app' }), origin: { file: 'deploy/web app.yaml', line: 99 } };
    const [again] = resultsOf(aRun([anAudited(aCluster(), [moved])]));
    expect(again.partialFingerprints).toEqual(result.partialFingerprints);
  });

  test('a finding names workload and container, and what to change', () => {
    expect(result.message.text).toMatch(
      /^payments\/Deployment\/checkout, container app: .* How to fix it: Add a /,
    );
  });
});

test('each rule has the severity that code scanning reads, and no more tags than it takes', () => {
  const { runs } = sarif(aRun());
  const { driver } = runs[0].tool;
  expect(driver.rules.map(({ id }: { id: string }) => id)).toEqual(rules.map(({ id }) => id));
  const scores = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };
  for (const [index, rule] of driver.rules.entries()) {
    expect(rule.properties['security-severity']).toBe(scores[rules[index]?.severity ?? 'low']);
    expect(rule.properties.tags.length).toBeLessThanOrEqual(20);
  }
  expect(new Set(rules.map(({ severity }) => severity))).toEqual(new Set(SEVERITIES));
});

test('exempt findings are suppressed with their reason, closed ones are not there', () => {
  const results = resultsOf(
    aRun([
      anAudited(aCluster(), [
        { ...aFinding({ status: 'exempt' }), ...at },
        aFinding({ status: 'fixed', name: 'b' }),
        aFinding({ status: 'gone', name: 'c' }),
        aFinding({ status: 'withdrawn', name: 'd' }),
      ]),
    ]),
  );
  expect(results).toHaveLength(1);
  expect(results[0].suppressions).toEqual([
    {
      kind: 'external',
      status: 'accepted',
      justification: 'vendor image (erp-team@example.com, until 2027-03-31)',
    },
  ]);
});

test('what was not evaluated is an error of an invocation that did not succeed', () => {
  const [{ invocations, results }] = sarif(aRun([anAudited(aCluster(), [], [aGap()])])).runs;
  expect(results).toEqual([]);
  expect(invocations[0].executionSuccessful).toBe(false);
  expect(invocations[0].toolExecutionNotifications).toMatchObject([
    { level: 'error', descriptor: { id: 'forbidden' }, associatedRule: { id: 'egress-unrestricted' } },
  ]);
  expect(sarif(aRun([anAudited()])).runs[0].invocations[0].executionSuccessful).toBe(true);
});

test('more than 25,000 results are in several runs with ids of their own', () => {
  const findings = Array.from({ length: 25_001 }, (_, index) => ({
    ...aFinding({ name: `w${index}` }),
    ...at,
  }));
  const { runs } = JSON.parse(
    [
      ...sarifDocument(aRun([anAudited(aCluster(), findings)]), {
        rules,
        uriOf: (file) => uriFrom('/', file),
        exitCode: 1,
        complete: true,
      }),
    ].join(''),
  );
  expect(runs.map(({ results }: { results: unknown[] }) => results.length)).toEqual([25_000, 1]);
  expect(
    new Set(runs.map(({ automationDetails }: { automationDetails: { id: string } }) => automationDetails.id))
      .size,
  ).toBe(2);
  expect(violations(schema, { version: '2.1.0', runs: [runs[1]] })).toEqual([]);
});

test('whatever names and messages hold, the document is SARIF in which nothing is a link or a placeholder', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('[a](https://evil)', '{0}', '\u202e', '\ufffe'),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, message, file) => {
      const finding = {
        ...aFinding({ name, message }),
        origin: { file: file === '' ? 'a' : file.toWellFormed(), line: 1 },
      };
      const [result] = resultsOf(aRun([anAudited(aCluster(), [finding], [aGap({ message })])]));
      expect(result.message.text).not.toMatch(/\]\(/);
      expect(result.message.text.replaceAll(/\{\{|\}\}/g, '')).not.toMatch(/[{}]/);
    }),
    { numRuns: 100 },
  );
});
