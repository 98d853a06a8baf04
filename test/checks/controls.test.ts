import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import * as controls from '../../lambda/checks/controls.ts';
import type { ControlMapping } from '../../lambda/findings/control.ts';

/** Checks that no control read so far supports, with the reason. */
const WITHOUT_CONTROLS: Readonly<Record<string, string>> = {
  'mesh-service-entry-broken': 'It reports a fault in function; no control that was read asks about one.',
};

const KNOWN: readonly ControlMapping[] = Object.values(controls);
/** As it stands in findings. */
const label = ({ framework, control }: ControlMapping) => `${framework} ${control}`;
const duplicates = (values: readonly string[]) => values.filter((value, i) => values.indexOf(value) !== i);

const page = readFileSync(new URL('../../docs/controls.md', import.meta.url), 'utf8');
const documented = [
  ...page.matchAll(/^\| `(?<check>[\w-]+)` \| (?<control>[^|]+) \| (?<why>[^|]+) \|$/gm),
].map(({ groups }) => ({ check: groups?.['check'] ?? '', control: groups?.['control'] ?? '' }));

describe('a control', () => {
  test.each(KNOWN.map((control) => [label(control), control] as const))(
    '%s cites its standard over https',
    (_, control) => {
      const { protocol, hostname } = new URL(control.source);
      expect(protocol).toBe('https:');
      // The standard itself, not one of the copies in which it was read.
      expect(hostname).not.toMatch(/github/);
    },
  );

  test('is one constant only', () => {
    expect(duplicates(KNOWN.map(label))).toEqual([]);
  });

  test('names the version of its standard', () => {
    expect(KNOWN.map(({ framework }) => framework).filter((framework) => !/\d/.test(framework))).toEqual([]);
  });

  test('can be joined with others in one cell by semicolons', () => {
    expect(KNOWN.map(label).filter((text) => /[;|\r\n]/.test(text) || text !== text.trim())).toEqual([]);
  });

  test('of ATT&CK leads to the page of its own technique', () => {
    const sources = KNOWN.filter(({ framework }) => framework.startsWith('MITRE')).map(
      ({ control, source }) => [
        control,
        source.replace('https://attack.mitre.org/techniques/', '').replace('/', '.'),
      ],
    );
    expect(sources.length).toBeGreaterThan(0);
    for (const [control, technique] of sources) expect(technique).toBe(control);
  });
});

describe.each(CATALOGUE.map((check) => [check.id, check] as const))('%s', (id, check) => {
  test('supports a control, or is listed with the reason why none', () => {
    expect(check.controls.length > 0).toBe(!(id in WITHOUT_CONTROLS));
  });

  test('names each control once, from the one list of controls', () => {
    expect(duplicates(check.controls.map(label))).toEqual([]);
    for (const control of check.controls) expect(KNOWN).toContain(control);
  });

  test('has the controls that its documentation gives reasons for', () => {
    const given = documented.filter((row) => row.check === id).map((row) => row.control);
    expect(check.controls.map(label)).toEqual(given);
  });
});

test('every control and every check without one is documented', () => {
  const undocumented = KNOWN.map(label).filter((text) => !documented.some((row) => row.control === text));
  expect(undocumented).toEqual([]);
  for (const id of Object.keys(WITHOUT_CONTROLS)) expect(page).toContain(`\`${id}\``);
});

test('the documentation names no control that is not in the list', () => {
  expect(documented).toHaveLength(page.match(/^\| `/gm)?.length ?? 0);
  const known = KNOWN.map(label);
  expect(documented.map(({ control }) => control).filter((text) => !known.includes(text))).toEqual([]);
});
