import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import * as controls from '../../lambda/checks/controls.ts';
import { type ControlMapping, controlLabel as label } from '../../lambda/findings/control.ts';

const KNOWN: readonly ControlMapping[] = Object.values(controls);
const duplicates = (values: readonly string[]) => values.filter((value, i) => values.indexOf(value) !== i);

describe('a control', () => {
  test.each(KNOWN.map((control) => [label(control), control] as const))(
    'the control %s cites its standard over https',
    (_, control) => {
      const { protocol, hostname } = new URL(control.source);
      expect(protocol).toBe('https:');
      // The standard itself, not one of the copies in which it was read. FedRAMP publishes its rules in a repository.
      if (control.source !== 'https://github.com/FedRAMP/rules') expect(hostname).not.toMatch(/github/);
    },
  );

  test('a control is one constant only', () => {
    expect(duplicates(KNOWN.map(label))).toEqual([]);
  });

  test('a control has the version of its standard beside its name, which stays the same in the next edition', () => {
    for (const { framework, version } of KNOWN) {
      expect(version).toMatch(/^r?\d/);
      expect(framework.endsWith(` ${version}`)).toBe(false);
    }
  });

  test('a control fits into Security Hub: 64 characters', () => {
    expect(KNOWN.map(label).filter((text) => text.length > 64)).toEqual([]);
  });

  test('controls can be joined in one cell by semicolons', () => {
    expect(KNOWN.map(label).filter((text) => /[;|\r\n]/.test(text) || text !== text.trim())).toEqual([]);
  });

  test('a control of ATT&CK links to the page of its technique', () => {
    const sources = KNOWN.filter(({ framework }) => framework === 'MITRE ATT&CK').map(
      ({ control, source }) => [
        control,
        source.replace('https://attack.mitre.org/techniques/', '').replace('/', '.'),
      ],
    );
    expect(sources.length).toBeGreaterThan(0);
    for (const [control, technique] of sources) expect(technique).toBe(control);
  });
});

describe.each(CATALOGUE.map((check) => [check.id, check] as const))('%s', (_, check) => {
  test('a check supports a control, or is listed with the reason why it supports none', () => {
    expect(check.controls.length > 0).toBe(check.withoutControls === undefined);
  });

  test('a check names each control once, from the one list of controls', () => {
    expect(duplicates(check.controls.map(label))).toEqual([]);
    for (const { why, ...control } of check.controls) {
      expect(KNOWN).toContainEqual(control);
      expect(why).toMatch(/^[^|]+[^.|]$/);
    }
  });
});

test('every control is documented: by a check that supports it, or as prepared for one', () => {
  const page = readFileSync(new URL('../../docs/controls.md', import.meta.url), 'utf8');
  expect(KNOWN.map(label).filter((text) => !page.includes(`| ${text} |`))).toEqual([]);
});
