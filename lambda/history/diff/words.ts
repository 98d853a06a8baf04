import type { WithdrawnReason } from '../../findings/finding.ts';
import { instant, thousands } from '../../report/words.ts';
import type { Change, ChangeKind, Difference } from './difference.ts';
import { countsOf } from './groups.ts';

/** Headings of the kinds, for people. */
export const TITLES: Readonly<Record<ChangeKind, string>> = {
  new: 'new',
  'no-longer-exempt': 'no longer exempt',
  changed: 'changed',
  fixed: 'fixed',
  gone: 'gone with their workloads',
  withdrawn: 'withdrawn',
  'newly-exempt': 'newly exempt',
  undecided: 'no longer decided',
};

const SIGNS: Readonly<Record<ChangeKind, string>> = {
  new: '+',
  'no-longer-exempt': '+',
  changed: '~',
  fixed: '-',
  gone: '-',
  withdrawn: '!',
  'newly-exempt': '!',
  undecided: '?',
};

const SHORT: Readonly<Record<ChangeKind, string>> = { ...TITLES, gone: 'gone' };

/** `+17 new  -5 fixed  !18 withdrawn (egress-instance-metadata: switched off)  =175`. */
export function countsLine({ changes, same }: Difference): string {
  const counts = countsOf(changes);
  const parts = (Object.keys(SIGNS) as ChangeKind[]).flatMap((kind) =>
    counts[kind] === 0
      ? []
      : [`${SIGNS[kind]}${thousands(counts[kind])} ${SHORT[kind]}${reasons(kind, changes)}`],
  );
  return [...parts, `=${thousands(same)}`].join('  ');
}

/** Why findings were withdrawn, where a few words say it. */
function reasons(kind: ChangeKind, changes: readonly Change[]): string {
  if (kind !== 'withdrawn') return '';
  const said = new Set(
    changes.flatMap((change) =>
      change.kind === kind ? [`${change.finding.check}: ${becauseText(change.because ?? 'no reason')}`] : [],
    ),
  );
  return said.size > 2 ? '' : ` (${[...said].join(', ')})`;
}

/** Codes of rows, for people. */
const REASONS: Readonly<Record<WithdrawnReason, string>> = {
  'check-off': 'switched off',
  'namespace-excluded': 'its namespace is excluded',
  'limit-changed': 'its limit was changed',
  'configuration-changed': 'judged by other settings',
  'rule-changed': 'this version has no such check',
  'owner-known': 'listed under its owner now',
  'cluster-replaced': 'its cluster was replaced by another one',
};

/** Why it is so, in words: data outputs have the codes. */
export const becauseText = (because: string): string =>
  Object.hasOwn(REASONS, because) ? REASONS[because as WithdrawnReason] : because;

/** `20260301T060000Z-… (Sun, 01 Mar 2026 06:00 UTC)`. */
export const runText = ({ id, startedAt }: Difference['before']): string => `${id} (${instant(startedAt)})`;

/** What was asked in another way; explains most of what follows. */
export const settingsLines = ({ settings }: Pick<Difference, 'settings'>): readonly string[] =>
  settings === null
    ? ['not recorded by one of the two runs, so that it may have changed']
    : settings.length === 0
      ? ['unchanged']
      : settings;
