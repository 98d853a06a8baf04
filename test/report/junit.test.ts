import { parseXML } from '@aws-sdk/xml-builder';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { RunResult } from '../../lambda/findings/run-result.ts';
import { junitDocument } from '../../lambda/report/junit.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from './builders.ts';

interface Suite {
  readonly name: string;
  readonly [key: string]: unknown;
}
interface Test {
  readonly classname: string;
  readonly name: string;
  readonly file?: string;
  readonly line?: string;
  readonly failure?: { readonly message: string; readonly '#text': string };
  readonly error?: { readonly message: string };
  readonly skipped?: { readonly message: string };
}

const textOf = (run: RunResult): string => [...junitDocument(run, (file) => file)].join('');

function junit(run: RunResult) {
  const text = textOf(run);
  // https://www.w3.org/TR/xml/#charsets
  expect(text).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u);
  const { testsuites } = parseXML(text);
  const suites: readonly Suite[] = [testsuites.testsuite ?? []].flat();
  const tests = suites.flatMap(({ testcase }) => [testcase].flat() as Test[]);
  const count = (kind: 'failure' | 'error' | 'skipped') =>
    String(tests.filter((one) => one[kind] !== undefined).length);
  expect([testsuites.tests, testsuites.failures, testsuites.errors, testsuites.skipped]).toEqual([
    String(tests.length),
    count('failure'),
    count('error'),
    count('skipped'),
  ]);
  return { suites, tests };
}

describe('a report for a CI', () => {
  const at = { origin: { file: 'deploy/web.yaml', line: 12 } };
  const { suites, tests } = junit(
    aRun([
      anAudited(
        aCluster(),
        [
          { ...aFinding(), ...at },
          aFinding({ status: 'exempt', name: 'erp' }),
          aFinding({ status: 'fixed', name: 'old' }),
          { ...aFinding({ status: 'open', name: 'aws-node' }), managedBy: 'EKS add-on vpc-cni' },
          aFinding({ check: 'pod-too-old', container: 'app' }),
        ],
        [aGap({ check: 'runtime-library-update' })],
      ),
    ]),
  );
  const named = (name: string) => tests.filter((one) => one.name.includes(name));

  test('each check is a suite', () => {
    expect(suites.map(({ name }) => name)).toEqual([
      'egress-unrestricted',
      'pod-too-old',
      'runtime-library-update',
      'unbounded-empty-dir',
      'writable-root-filesystem',
    ]);
  });

  test('a finding is a failure with its place, what to do, and a name of its own', () => {
    const [found] = named('payments/Deployment/checkout');
    expect(found).toMatchObject({ classname: 'egress-unrestricted', file: 'deploy/web.yaml', line: '12' });
    expect(found?.failure?.message).toMatch(/^high: No policy selects the pods/);
    expect(found?.failure?.['#text']).toMatch(
      /^deploy\/web.yaml:12\n[\s\S]*How to fix it: Add a NetworkPolicy/,
    );
    expect(named('container app')).toHaveLength(1);
  });

  test('what is accepted or managed is skipped with the reason; what is over is not there', () => {
    expect(named('erp')[0]?.skipped?.message).toBe(
      'exempt until 2027-03-31 (erp-team@example.com): vendor image',
    );
    expect(named('aws-node')[0]?.skipped?.message).toMatch(/^managed by EKS add-on vpc-cni: /);
    expect(named('old')).toEqual([]);
  });

  test('what was not evaluated is an error', () => {
    const [gap] = tests.filter(({ classname }) => classname === 'runtime-library-update');
    expect(gap?.error?.message).toMatch(/^not evaluated: The server refused/);
  });

  test('a check that passed everywhere is one test that passes, and no other is', () => {
    const passed = tests.filter((one) => !one.failure && !one.error && !one.skipped);
    expect(passed.map(({ classname }) => classname)).toEqual([
      'unbounded-empty-dir',
      'writable-root-filesystem',
    ]);
  });
});

test('no test passes where findings are not shown, where nothing was judged, or where a cluster failed', () => {
  const cluster = anAudited(aCluster(), [aFinding()], [aGap({ check: 'pod-too-old' })]);
  const narrowed = junit(aRun([{ ...cluster, findings: [], notEvaluated: [] }])).tests;
  expect(narrowed.map(({ classname }) => classname)).not.toContain('egress-unrestricted');
  expect(narrowed.map(({ classname }) => classname)).not.toContain('pod-too-old');
  const nothing = { ...anAudited(), tallies: [{ check: 'pod-too-old', pass: 0, fail: 0, notEvaluated: 0 }] };
  expect(junit(aRun([nothing])).tests).toEqual([]);
  const failed = junit(aRun([aFailed(aCluster())])).tests;
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.filter((one) => one.error === undefined)).toEqual([]);
  const silent = junit(aRun([{ ...aFailed(aCluster('mute')), notEvaluated: [] }])).tests;
  expect(silent.map((one) => one.error?.message)).toEqual(['mute was not audited, and no reason is given.']);
});

test('whatever names and messages hold, the report is XML 1.0 with one name for each test', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      ']]>',
      '</failure>',
      '"\'<&>',
      '\ufffe',
      '\uffff',
      '\ud800',
      '\0',
      '&#0;',
      '<!ENTITY x "y">',
    ),
  );
  fc.assert(
    fc.property(hostile, hostile, fc.array(hostile, { maxLength: 3 }), (name, message, containers) => {
      const findings = [null, ...containers].map((container) => aFinding({ name, message, container }));
      const { tests } = junit(aRun([anAudited(aCluster(), findings, [aGap({ message })])]));
      expect(tests.filter((one) => one.failure !== undefined)).toHaveLength(findings.length);
      expect(new Set(tests.map(({ classname, name: of }) => `${classname}\n${of}`)).size).toBe(tests.length);
    }),
    { numRuns: 200 },
  );
});
