import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Protocol } from '../../lambda/egress/sets/port-set.ts';
import type { WorkloadEgress } from '../../lambda/questions/report.ts';
import { isAllowed } from '../egress/support/oracle-probes.ts';
import { run } from './run.ts';

/**
 * Inputs made after public bug reports and vendors' documentation, with the right verdicts, through the
 * whole command line. Their README says what the words mean: `not-fail` is no finding, `not-pass` is a
 * finding or a not-evaluated record of the workload or of the whole check.
 */
const FOLDER = process.env['FIELD_CASES'] ?? resolve(import.meta.dirname, '../../../shared/field-cases');

interface Expected {
  readonly why: string;
  readonly now: string;
  readonly expect: readonly {
    readonly check: string;
    /** `namespace/Kind/name`, `*` for any, `*NAMESPACE` for any of that namespace. */
    readonly workload: string;
    readonly verdict: 'fail' | 'not-fail' | 'not-pass';
  }[];
  readonly enforced: readonly {
    readonly workload: string;
    readonly address: string;
    readonly protocol: Protocol;
    readonly port: number;
    readonly reachable: boolean;
  }[];
}

interface Row {
  readonly check: string;
  readonly workload: { readonly namespace: string; readonly kind: string; readonly name: string } | null;
}

/** Cases that do not hold yet; a case that holds must leave this list. */
const KNOWN: ReadonlySet<string> = new Set([]);

const holds = (name: string) => (KNOWN.has(name) ? test.failing : test);

if (existsSync(FOLDER)) {
  const cases = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  describe('the verdicts of field cases', () => {
    test('the folder of field cases holds cases', () => expect(cases.length).toBeGreaterThan(20));

    for (const { name } of cases) {
      const expected: Expected = JSON.parse(readFileSync(join(FOLDER, name, 'expect.json'), 'utf8'));

      holds(`${name}: audit`)(`${name}: audit`, async () => {
        const { stdout, stderr } = await run([
          'audit',
          ...flagsOf(name),
          '--now',
          expected.now,
          '-o',
          'json',
        ]);
        expect(stderr).not.toMatch(/internal error/i);
        const document = JSON.parse(stdout) as { findings: readonly Row[]; notEvaluated: readonly Row[] };
        const wrong = expected.expect.filter(({ check, workload, verdict }) => {
          const fails = document.findings.some((row) => row.check === check && concerns(row, workload));
          const open = document.notEvaluated.some(
            (row) => row.check === check && concerns(row, workload, true),
          );
          return verdict === 'fail' ? !fails : verdict === 'not-fail' ? fails : !fails && !open;
        });
        expect(wrong).toEqual([]);
      });

      if (expected.enforced.length === 0) continue;
      holds(`${name}: egress`)(`${name}: egress`, async () => {
        const { stdout } = await run(['egress', ...flagsOf(name), '-o', 'json']);
        const answers = JSON.parse(stdout) as readonly WorkloadEgress[];
        const wrong = expected.enforced.filter(({ workload, address, protocol, port, reachable }) => {
          const found = answers.find((one) => `${one.namespace}/${one.kind}/${one.name}` === workload);
          if (found === undefined) return true;
          if ('unknown' in found.enforced) return false;
          const probe = { dst: address, protocol, port, allowed: reachable };
          return isAllowed({ external: found.enforced.external, hosts: [] }, probe) !== reachable;
        });
        expect(wrong).toEqual([]);
      });
    }
  });
} else {
  test(`field cases are not compared: there are none at ${FOLDER} (set FIELD_CASES)`, () => {
    expect(existsSync(FOLDER)).toBe(false);
  });
}

function flagsOf(name: string): readonly string[] {
  const config = join(FOLDER, name, 'audit.config.yaml');
  return [
    ...['--snapshot', join(FOLDER, name, 'input'), '--complete'],
    ...(existsSync(config) ? ['--config', config] : []),
  ];
}

function concerns({ workload }: Row, pattern: string, orWhole = false): boolean {
  if (workload === null) return orWhole;
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return workload.namespace === pattern.slice(1);
  return pattern === `${workload.namespace}/${workload.kind}/${workload.name}`;
}
