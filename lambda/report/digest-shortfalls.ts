import { bullet, layOut, paragraph, quoted, type Section, untitled } from './digest-layout.ts';
import type { Digest } from './digest-message.ts';
import { mailSubject } from './escape.ts';
import type { LateNews, Shortfall, UnfinishedRun } from './news.ts';
import { count, instant, listed, thousands } from './words.ts';

/** Kept free in every mail: what is missing of the record is known only after the mail was decided. */
export const SHORTFALL_BYTES = 4096;

const SHOWN = 5;

/** How the last lines of a mail say where everything is, or that it is nowhere. */
export const REPORT_AT = 'Full report: ';
export const NOT_STORED = 'This run was not stored.';

/** The mail of a run of which nothing can be stored, not even what was decided. */
export const withoutReport = (mail: Digest): Digest => ({
  ...mail,
  body: mail.body.replace(new RegExp(`^${REPORT_AT}.*$`, 'm'), NOT_STORED),
});

const section = (shortfalls: readonly Shortfall[]): Section => ({
  title: 'RECORD NOT COMPLETE',
  detail: `: ${count(shortfalls.length, 'part')} missing`,
  intro: paragraph('The audit itself is finished; part of its record could not be stored or read.'),
  entries: [
    ...shortfalls.slice(0, SHOWN).map(({ part, problem }) => bullet(`${quoted(part)}: ${quoted(problem)}`)),
    ...(shortfalls.length > SHOWN ? [bullet(`and ${thousands(shortfalls.length - SHOWN)} more`)] : []),
  ],
});

const headOf = (shortfalls: readonly Shortfall[]): string =>
  shortfalls.length === 0 ? '' : layOut([section(shortfalls)], [], SHORTFALL_BYTES / 2);

/**
 * The mail of a run of whose record these parts are missing.
 *
 * @param before What the mail says already. @defaultValue nothing
 */
export function withShortfalls(
  mail: Digest,
  shortfalls: readonly Shortfall[],
  before: readonly Shortfall[] = [],
): Digest {
  if (shortfalls.length === 0) return mail;
  const { subject, body, attributes } = mail;
  const said = headOf(before);
  const [all, rest] = body.startsWith(said)
    ? [[...before, ...shortfalls], body.slice(said.length)]
    : // Of another version, whose words are kept.
      [shortfalls, body];
  return {
    subject: mailSubject(subject.replace(/^EKS audit:/, 'EKS audit INCOMPLETE:')),
    body: `${headOf(all)}${rest}`,
    attributes: { ...attributes, complete: false },
  };
}

/** Says since when news is late, before any of it. */
export const lateSection = (late: LateNews | null): Section =>
  untitled(
    late === null
      ? []
      : paragraph(
          `LATE: ${count(late.runs.length, 'run')} since ${instant(late.since)} had no mail. ${late.runs.length === 1 ? 'Its' : 'Their'} changes are in this one.`,
        ),
  );

/** Runs that are named before the rest is counted. */
const NAMED = 3;

/** Says which earlier runs did not finish; `null`: all did. One text for mail, page and terminal. */
export function unfinishedText(runs: readonly UnfinishedRun[]): string | null {
  if (runs.length === 0) return null;
  const names = listed(
    runs.map(({ run, startedAt }) => `${instant(startedAt)} (${run})`),
    NAMED,
  );
  const [what, they] =
    runs.length === 1
      ? ['The earlier run of', 'It was stopped, or a part of its record was refused']
      : [
          `${count(runs.length, 'earlier run')}:`,
          'They were stopped, or a part of their records was refused',
        ];
  return `${what} ${names} ${runs.length === 1 ? 'has' : 'have'} no manifest. ${they}: see the log. What is stored of ${runs.length === 1 ? 'it' : 'them'} is no evidence, and ends with the retention of the reports.`;
}

/** The same in a mail. */
export function unfinishedSection(runs: readonly UnfinishedRun[]): Section {
  const text = unfinishedText(runs);
  return untitled(text === null ? [] : paragraph(`NOT FINISHED: ${text}`));
}
