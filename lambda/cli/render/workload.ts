import type { CheckInfo } from '../../checks/check.ts';
import type { Finding } from '../../findings/finding.ts';
import { causeText } from '../../report/cause-words.ts';
import { terminalSafe } from '../../report/escape.ts';
import { imageStories } from '../../report/image-story.ts';
import { asCalled } from '../../report/own-commands.ts';
import { count, listed, type NameOf, reasonWords, severityCounts, workloadName } from '../../report/words.ts';
import type { AccountedCause, WorkloadAccount } from '../../report/workload-account.ts';
import { compareSeverity } from '../../severity.ts';
import { nameLines, paragraphLines } from './columns.ts';
import { evidenceText } from './evidence.ts';
import { type Canvas, canvasOf, heading } from './page.ts';
import type { Look } from './style.ts';
import { type Again, changeLines, checkLines, type Patch } from './workload-fix.ts';
import { meaningsOf } from './workload-meaning.ts';

/** What a page about a workload shows. */
export interface WorkloadPage extends Again {
  readonly account: WorkloadAccount;
  /** The change of its template that removes several of its causes; `null`: there is none in that form. */
  readonly patch: Patch | null;
  readonly checks: readonly CheckInfo[];
  /** Whether an earlier run knew its cluster, so that times of findings say something. */
  readonly compared: boolean;
  readonly nameOf: NameOf;
  /** RFC 3339: the start of the run. */
  readonly now: string;
}

/** Labels are eight columns wide and stand behind two. */
const INDENT = 12;

/** `audit NAMESPACE/NAME`: why a workload is on the list, what to change, and how to check it. */
export function renderWorkload(page: WorkloadPage, look: Look): string {
  const canvas = canvasOf(look);
  const lines = [
    ...headLines(page, canvas),
    ...wrongLines(page, canvas),
    ...meaningLines(page, canvas),
    ...changeLines(page.account, page.patch, canvas),
    ...checkLines(page.account, page.checks, page, canvas),
    ...elsewhereLines(page.account, canvas),
    ...undecidedLines(page.account, canvas),
    ...otherLines(page.account, canvas),
  ];
  return `${lines.join('\n')}\n`;
}

const activeOf = ({ causes }: WorkloadAccount): readonly Finding[] =>
  causes.flatMap(({ findings }) => findings);

function headLines({ account, nameOf }: WorkloadPage, { style, width }: Canvas): readonly string[] {
  const { cluster, workload, owner, managedBy, pods, oldestStartedAt, causes, open } = account;
  const facts = [
    nameOf(cluster),
    ...(pods === null ? [] : [count(pods, 'pod')]),
    ...(oldestStartedAt === null ? [] : [`oldest since ${oldestStartedAt.slice(0, 10)}`]),
    `owner: ${owner ?? 'not known'}`,
    ...(managedBy === null ? [] : [`managed by ${managedBy}`]),
  ].join(', ');
  const active = activeOf(account);
  const undecided =
    open.length === 0 ? '' : ` ${count(open.length, 'verdict')} about it could not be decided.`;
  const verdict =
    active.length === 0
      ? `${open.length === 0 ? '✓ Nothing is wrong with it.' : '◐ Nothing is wrong with it in what was evaluated.'}${undecided}`
      : `✗ ${count(causes.length, 'cause')} to remove, behind ${count(active.length, 'finding')}: ${severityCounts(active)}.${undecided}`;
  const worse = [...active, ...account.exempt].filter(({ changed }) => changed != null).length;
  const changed = worse === 0 ? '' : ` ${count(worse, 'finding')} became worse since the last run.`;
  const paint = active.length > 0 ? style.bad : open.length > 0 ? style.warn : style.good;
  return [
    ...paragraphLines(workloadName(workload), { width, indent: 0, paint: style.bold }),
    ...paragraphLines(facts, { width, indent: 0, paint: style.dim }),
    ...paragraphLines(`${verdict}${changed}`, { width, indent: 0, paint }),
  ];
}

/** Each fact once: what only follows from another finding is a line below it. */
function wrongLines({ account, checks, compared }: WorkloadPage, canvas: Canvas): readonly string[] {
  if (account.causes.length === 0) return [];
  const checkOf = ({ check }: Finding): CheckInfo | undefined => checks.find(({ id }) => id === check);
  return [
    ...heading('WHAT IS WRONG', '', canvas),
    ...account.causes.flatMap((cause) => causeLines(cause, checkOf, compared, canvas)),
    ...(compared
      ? []
      : paragraphLines(
          'Since when is not known: this audit was compared with no earlier one (--out FOLDER keeps them).',
          { width: canvas.width, indent: 2, paint: canvas.style.dim },
        )),
  ];
}

function causeLines(
  { cause, findings }: AccountedCause,
  checkOf: (finding: Finding) => CheckInfo | undefined,
  compared: boolean,
  { style, width }: Canvas,
): readonly string[] {
  const ids = new Set(findings.map(({ id }) => id));
  const isTogether = (finding: Finding): boolean => checkOf(finding)?.category === 'together';
  // What follows from a fact, or from several together, is said here by its name, and explained below.
  const follows = findings.filter(
    (finding) =>
      (finding.impliedBy != null && ids.has(finding.impliedBy)) ||
      (isTogether(finding) && !findings.every(isTogether)),
  );
  const first = findings.filter((finding) => !follows.includes(finding));
  const lead = `${style.label(findings[0].severity)}  `;
  const [head = '', ...more] = paragraphLines(causeText({ cause, findings: [] }), {
    width,
    indent: INDENT,
    paint: style.bold,
  });
  return [
    `  ${lead}${head.trimStart()}`,
    ...more,
    ...first.flatMap((finding) => factLines(finding, compared, { style, width, color: false })),
    ...follows.flatMap((finding) => [
      ...paragraphLines(
        `${checkOf(finding)?.title ?? finding.check} (${finding.check}, ${finding.severity}${sinceText(finding, compared)})`,
        { width, indent: INDENT, lead: 'so: ' },
      ),
      ...worseLines(finding, INDENT + 4, { style, width }),
    ]),
  ];
}

const sinceText = ({ status, firstSeen }: Finding, compared: boolean): string =>
  compared ? `, ${status === 'new' ? 'new' : `since ${firstSeen.slice(0, 10)}`}` : '';

/** What its evidence holds that it did not hold in the last run. */
const worseLines = (
  { changed }: Finding,
  indent: number,
  { style, width }: Pick<Canvas, 'style' | 'width'>,
): readonly string[] =>
  changed == null
    ? []
    : paragraphLines(changed.facts.join('; '), {
        width,
        indent,
        lead: 'changed since the last run: ',
        lines: 4,
        paint: style.accent,
      });

function factLines(finding: Finding, compared: boolean, { style, width }: Canvas): readonly string[] {
  const evidence = evidenceText(finding);
  const where = finding.origin == null ? '' : `, ${finding.origin.file}:${finding.origin.line}`;
  return [
    ...paragraphLines(finding.message, { width, indent: INDENT, lines: 6 }),
    ...worseLines(finding, INDENT, { style, width }),
    ...(evidence === ''
      ? []
      : paragraphLines(evidence, { width, indent: INDENT, lead: 'evidence: ', paint: style.dim })),
    ...paragraphLines(`${finding.check}, ${finding.severity}${sinceText(finding, compared)}${where}`, {
      width,
      indent: INDENT,
      paint: style.dim,
    }),
  ];
}

function meaningLines({ account, checks, now }: WorkloadPage, canvas: Canvas): readonly string[] {
  const active = activeOf(account);
  const meanings = [...imageStories(active, now), ...meaningsOf(active, checks)];
  if (meanings.length === 0) return [];
  return [
    ...heading('WHAT IT MEANS', '', canvas),
    ...meanings.flatMap((meaning) => paragraphLines(meaning, { width: canvas.width, indent: 2, lines: 6 })),
  ];
}

/** Who else is concerned by a cause, so that one change may serve several. */
function elsewhereLines({ causes }: WorkloadAccount, canvas: Canvas): readonly string[] {
  const shared = causes.filter(({ others }) => others.length > 0);
  if (shared.length === 0) return [];
  const { width } = canvas;
  return [
    ...heading('WHO ELSE', 'the same cause', canvas),
    ...shared.flatMap(({ cause, others }) => [
      ...paragraphLines(`${causeText({ cause, findings: [] })}: ${count(others.length, 'more workload')}`, {
        width,
        indent: 2,
      }),
      ...nameLines(others.map(workloadName), { width, indent: 4, paint: canvas.style.dim }),
    ]),
  ];
}

function undecidedLines({ open }: WorkloadAccount, canvas: Canvas): readonly string[] {
  if (open.length === 0) return [];
  const { width, style } = canvas;
  const groups = [...Map.groupBy(open, ({ message, remediation }) => `${message}\n${remediation}`).values()];
  return [
    ...heading('NOT DECIDED', 'not evaluated is not passed', canvas),
    ...groups.flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const checks = [...new Set(group.map(({ check }) => check))];
      return [
        ...paragraphLines(`${reasonWords(first.reason)}: ${listed(checks, 6)}`, {
          width,
          indent: 2,
          lead: '◐ ',
          paint: style.warn,
        }),
        ...paragraphLines(first.message, { width, indent: 4, lines: 6 }),
        ...paragraphLines(asCalled(first.remediation, canvas), {
          width,
          indent: 4,
          lead: '→ ',
          paint: style.accent,
        }),
      ];
    }),
  ];
}

function otherLines({ exempt, closed }: WorkloadAccount, canvas: Canvas): readonly string[] {
  if (exempt.length + closed.length === 0) return [];
  const { width, style } = canvas;
  const sorted = exempt.toSorted((a, b) => compareSeverity(a.severity, b.severity));
  return [
    ...heading('ALSO', '', canvas),
    ...sorted.flatMap((finding) => {
      const { check, exemption } = finding;
      const accepted =
        exemption === null ? '' : ` until ${exemption.expires}: ${exemption.reason} (${exemption.owner})`;
      return [
        ...paragraphLines(`exempt: ${check}${accepted}`, { width, indent: 2, paint: style.dim }),
        ...worseLines(finding, 4, canvas),
      ];
    }),
    ...closed.flatMap(({ check, status }) =>
      paragraphLines(`${status} since the last run: ${check}`, { width, indent: 2, paint: style.good }),
    ),
  ];
}

/** The last line of all pages: exit codes are of the whole audit, whatever part of it is shown. */
export const narrowedLine = (code: number, shown: number, canvas: Canvas): string =>
  canvas.style.dim(
    terminalSafe(
      `Exit code ${code} is that of the whole audit; ${count(shown, 'workload')} of it ${shown === 1 ? 'is' : 'are'} shown.`,
    ),
  );
