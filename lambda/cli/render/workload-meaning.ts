import type { Category, CheckInfo } from '../../checks/check.ts';
import type { Finding } from '../../findings/finding.ts';
import { SEVERITIES } from '../../severity.ts';

/** What facts of several kinds come to together; the first that fits holds. */
const COMBINED: readonly { readonly of: readonly Category[]; readonly meaning: string }[] = [
  {
    of: ['age', 'writable-layer', 'egress'],
    meaning:
      'It has run for long, its files can be changed, and it reaches more than it should: what runs now may no longer be what was deployed, and a restart alone does not close the way in which it changed.',
  },
  {
    of: ['writable-layer', 'egress'],
    meaning:
      'What it fetches from outside it can write into its own files, and that stays until the pod is replaced.',
  },
  {
    of: ['age', 'writable-layer'],
    meaning: 'What was written into its files since it started is still there; the image does not show it.',
  },
  {
    of: ['age', 'egress'],
    meaning:
      'It reaches more than it should, and an image that is as old as its pods has no newer corrections.',
  },
];

/**
 * What the findings of one workload mean: what its combinations say, else why the worst of them matters.
 *
 * @param findings new and open ones
 */
export function meaningsOf(
  findings: readonly Finding[],
  checks: readonly Pick<CheckInfo, 'id' | 'category' | 'why'>[],
): readonly string[] {
  const aboutCheck = new Map(checks.map((check) => [check.id, check]));
  const present = new Set(findings.flatMap(({ check }) => aboutCheck.get(check)?.category ?? []));
  if (present.has('together')) present.add('writable-layer').add('egress');
  const whole = findings.flatMap(({ check, message }) => {
    const about = aboutCheck.get(check);
    return about?.category === 'together' ? [`${message} ${about.why}`] : [];
  });
  const combined = COMBINED.find(({ of }) => of.every((category) => present.has(category)));
  const meanings = [...new Set([...whole, ...(combined === undefined ? [] : [combined.meaning])])];
  return meanings.length > 0 ? meanings : worstOf(findings, aboutCheck);
}

function worstOf(
  findings: readonly Finding[],
  aboutCheck: ReadonlyMap<string, Pick<CheckInfo, 'why'>>,
): readonly string[] {
  const worst = SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity));
  const first = findings.find(({ severity, impliedBy }) => severity === worst && impliedBy == null);
  const why = first === undefined ? undefined : aboutCheck.get(first.check)?.why;
  return why === undefined ? [] : [why];
}
