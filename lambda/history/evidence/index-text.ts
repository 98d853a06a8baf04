import { formatDuration } from '../../config/units.ts';
import { DAY } from '../../inventory/durations.ts';
import { visible } from '../../report/visible.ts';
import { count, instant, wrapped } from '../../report/words.ts';
import type { Verification } from '../verify/verify.ts';
import { changesTexts } from './changes-text.ts';
import type { ControlRows } from './controls.ts';
import { coverageTexts } from './coverage-text.ts';
import type { IndexRow } from './index-rows.ts';
import { longestPause, type Period } from './period.ts';

export interface IndexFacts {
  readonly period: Period;
  readonly controls: readonly string[];
  /** `null`: no control was asked for. */
  readonly asked: ControlRows | null;
  /** Names of the files with public keys. */
  readonly keys: readonly string[];
  /** Where the runs were read. */
  readonly location: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

const WIDTH = 78;

/** What an auditor reads first: what is here, whether it is proved, and how to prove it again. */
export function indexText(
  rows: readonly IndexRow[],
  { points, notes, outcome }: Verification,
  facts: IndexFacts,
): string {
  const { period, controls, asked, keys, location, now } = facts;
  const records = rows.map(({ record }) => record);
  const pause = longestPause(records, period, now);
  const changes = changesTexts(rows);
  const say = (text: string, first = '', rest = first): readonly string[] =>
    wrapped(visible(text), WIDTH, first, rest);
  const [first] = rows;
  const keyFlags = keys.map((key) => ` --key ${key}`).join('');
  return `${[
    'EVIDENCE OF EKS DRIFT AUDITS',
    ...say(
      `Period: ${period.from} to ${period.to} (UTC). Read from ${location} on ${instant(new Date(now).toISOString())}.`,
    ),
    '',
    ...say(
      `${count(rows.length, 'run')}; the longest time without one is ${formatDuration(Math.ceil(pause / DAY) * DAY)}. ${coverageTexts(rows).join(' ')}`,
    ),
    ...(asked === null
      ? []
      : say(
          `controls.csv: ${count(asked.rows, 'row')} about ${controls.join(', ')}.${
            asked.without.length === 0
              ? ''
              : ` ${count(asked.without.length, 'run')} of an earlier version had no such table: ${asked.without.join(', ')}.`
          }`,
        )),
    '',
    'CONFIGURATION AND VERSION',
    ...(changes.length === 0
      ? ['The same in every run.']
      : changes.flatMap((change) => say(change, '- ', '  '))),
    '',
    `VERIFICATION: ${outcome.toUpperCase()}`,
    ...points.flatMap(({ point, outcome: one, message, run }) =>
      one === 'pass' && run !== null
        ? []
        : say(
            `${one}: ${point}${run === null || message.includes(run) ? '' : ` of run ${run}`}: ${message}`,
            '- ',
            '  ',
          ),
    ),
    ...notes.flatMap((note) => say(note, '- ', '  ')),
    '',
    'RUNS (index.csv has more)',
    ...rows.map(
      ({ record: { manifest, sha256 }, outcome: one }) =>
        `${manifest.run.startedAt}  ${manifest.run.id}  ${one}\n  manifest ${sha256}`,
    ),
    '',
    'TO VERIFY IT AGAIN, in this folder',
    `eks-drift-audit verify --all --store .${keyFlags} --from ${first?.record.manifest.run.id ?? ''}`,
    ...say(
      'Without this program: docs/evidence.md has the commands for OpenSSL and sha256sum. That the last run of the period is the last there was, only a hash from its mail proves (--expect).',
    ),
  ].join('\n')}\n`;
}
