import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../../lambda/checks/catalogue.ts';
import { EXAMPLE_VERDICTS, exampleYaml } from '../../../lambda/checks/example.ts';
import { renderCheck, renderChecks } from '../../../lambda/cli/render/checks.ts';
import { plain, tooWide, WIDTHS } from './pages.ts';

describe('the list of checks', () => {
  test.each(WIDTHS)('the list of checks names every check with its severity and fits %d columns', (width) => {
    const text = renderChecks(CATALOGUE, plain(width));
    for (const { id, severity } of CATALOGUE) {
      expect(text).toMatch(new RegExp(`^ {2}${severity.toUpperCase()} +${id}$`, 'm'));
    }
    expect(tooWide(text, width)).toEqual([]);
  });
});

describe.each(CATALOGUE.map((check) => [check.id, check] as const))('the explanation of %s', (_, check) => {
  const text = renderCheck(check, plain(80));
  const oneLine = text.replace(/\s+/g, ' ');

  test('the explanation holds why, evidence and fix without losing a word', () => {
    const texts = [check.title, check.failsWhen, check.why, check.evidence, check.remediation];
    for (const part of [...texts, check.notEvaluatedWhen ?? '', check.notApplicableTo ?? '']) {
      expect(oneLine).toContain(part.replace(/\s+/g, ' ').trim());
    }
  });

  test('the explanation shows every example with its verdict, unbroken', () => {
    for (const example of check.examples) {
      expect(oneLine).toContain(`${example.title}: ${EXAMPLE_VERDICTS[example.verdict]}`);
      for (const line of exampleYaml(example).split('\n')) expect(text).toContain(line);
    }
  });

  test('the explanation gives patch, command and sources unbroken, so that they can be copied', () => {
    for (const line of [...check.patch.trimEnd().split('\n'), ...check.verify.trimEnd().split('\n')])
      expect(text).toContain(line);
    for (const { source, control } of check.controls) {
      expect(text).toContain(source);
      expect(oneLine).toContain(control);
    }
  });
});
