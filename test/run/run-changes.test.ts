import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../lambda/config/load.ts';
import { runChanges, settingsChanged } from '../../lambda/run/run-changes.ts';
import { VERSION } from '../../lambda/version.ts';
import { aFinding, aResult } from '../findings/builders.ts';

const DAY = 86_400_000;
const config = defaultConfig();
const formerly = (effective: object, version = VERSION) => ({ version, effective });

describe('the settings that were changed', () => {
  test('settings that are the same are not named, nor those that decide nothing about pods', () => {
    expect(settingsChanged(formerly(config), config)).toEqual([]);
    expect(settingsChanged(formerly({ ...config, digest: {}, accounts: ['x'] }), config)).toEqual([]);
  });

  test('limits are named in units, checks with their severity, and lists by what came and went', () => {
    const before = {
      ...config,
      limits: { ...config.limits, podMaxAge: 90 * DAY },
      checks: { 'pod-too-old': 'off' },
      namespaces: { exclude: ['ci-*'] },
      exemptions: [{ check: 'a' }],
    };
    expect(settingsChanged(formerly(before), config)).toEqual([
      'namespaces.exclude: ci-* removed',
      'checks.pod-too-old: off -> default',
      'exemptions: 1 removed',
      'limits.podMaxAge: 90d -> 30d',
    ]);
  });

  test('another version is named, and keys that it did not have are not', () => {
    const { acceptedGaps: _, ...before } = config;
    expect(settingsChanged(formerly(before, '0.0.1'), config)).toEqual([
      `eks-drift-auditor: 0.0.1 -> ${VERSION}`,
    ]);
  });
});

describe('what is new only because it is asked now', () => {
  const coverage = (checks: readonly string[]) => ({
    coverage: { checks, seen: '', gaps: [] },
    version: VERSION,
  });
  const reasonOf = (
    before: ReturnType<typeof coverage> | null,
    former: ReturnType<typeof formerly> | null,
  ) => {
    const finding = aFinding();
    const clusters = [
      { result: aResult({ findings: [finding] }), findings: [finding], before, formerly: former },
    ];
    return runChanges(clusters, config).asked.get(finding.id);
  };

  test('a finding of a check that ran before is news of its cluster', () => {
    expect(reasonOf(coverage(['pod-too-old']), formerly(config))).toBeUndefined();
    expect(reasonOf(null, null)).toBeUndefined();
  });

  test('a finding of a check that was off, that another version did not have, or of an excluded namespace is not', () => {
    const off = { ...config, checks: { 'pod-too-old': 'off' } };
    expect(reasonOf(coverage([]), formerly(off))).toBe('check-on');
    expect(reasonOf(coverage(['other']), formerly(config, '0.0.1'))).toBe('check-added');
    expect(reasonOf(coverage(['other']), formerly(config))).toBe('configuration-changed');
    const excluded = { ...config, namespaces: { exclude: ['shop'] } };
    expect(reasonOf(coverage(['pod-too-old']), formerly(excluded))).toBe('namespace-included');
  });
});
