import { type Outcome, outcomeOf, POINTS, type Point, type PointName } from '../../history/verify/point.ts';
import type { Verification } from '../../history/verify/verify.ts';
import { terminalSafe } from '../../report/escape.ts';
import { count, wrapped } from '../../report/words.ts';
import { type Look, type Paint, styleOf } from './style.ts';

/** What each point asks. */
const QUESTIONS: Readonly<Record<PointName, string>> = {
  objects: 'objects are as the manifest names them',
  added: 'no object was added',
  signature: 'manifests are signed',
  sequence: 'no run is missing between two others',
  beginning: 'no run is missing before the first',
  end: 'no run is missing after the last',
  versions: 'no object was replaced or deleted',
};

const MARK = 16;

/** Passes in one line each; whatever is none with its sentences. */
export function renderVerification({ points, notes, runs, outcome }: Verification, look: Look): string {
  const style = styleOf(look);
  const paint: Readonly<Record<Outcome, Paint>> = {
    pass: style.good,
    fail: style.bad,
    'not verifiable': style.warn,
  };
  const said = (text: string): readonly string[] =>
    wrapped(terminalSafe(text), look.width, ' '.repeat(MARK), ' '.repeat(MARK));
  const lines = POINTS.flatMap((name) => {
    const of = points.filter(({ point }) => point === name);
    if (of.length === 0) return [];
    const worst = outcomeOf(of);
    return [
      `${paint[worst](worst.padEnd(MARK))}${QUESTIONS[name]}`,
      ...of.filter(({ outcome: one }) => worst === 'pass' || one !== 'pass').flatMap(shown(worst, of, said)),
    ];
  });
  const verdict =
    outcome === 'not verifiable' && runs.length === 0
      ? 'nothing was verified, since this store has no recorded run'
      : `${VERDICTS[outcome]} (objects of ${count(runs.length, 'run')} read)`;
  const last = `${paint[outcome](outcome.toUpperCase())}: ${verdict}.`;
  return [
    ...lines,
    ...notes.flatMap((note) => wrapped(terminalSafe(`note: ${note}`), look.width, '', '      ')),
    '',
    last,
    '',
  ].join('\n');
}

const VERDICTS: Readonly<Record<Outcome, string>> = {
  pass: 'the records are complete and unchanged',
  fail: 'the records are not as they were written',
  'not verifiable': 'nothing wrong was found, and not everything is proved',
};

/** Of many passes the first says enough. */
const shown =
  (worst: Outcome, of: readonly Point[], said: (text: string) => readonly string[]) =>
  ({ message, run, outcome }: Point, index: number): readonly string[] => {
    if (worst === 'pass' && index > 0)
      return index === 1 ? said(`and so of ${count(of.length - 1, 'other')}`) : [];
    const about = outcome === 'pass' || run === null || message.includes(run) ? '' : `Run ${run}: `;
    return said(`${about}${message}`);
  };
