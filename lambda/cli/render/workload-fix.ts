import type { CheckInfo } from '../../checks/check.ts';
import type { Finding, Fix } from '../../findings/finding.ts';
import { verifyCommand } from '../../fixes/verify-command.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { causeText } from '../../report/cause-words.ts';
import { terminalSafe } from '../../report/escape.ts';
import { asCalled, PROGRAM } from '../../report/own-commands.ts';
import { remainsText } from '../../report/resolved.ts';
import { count } from '../../report/words.ts';
import type { AccountedCause, WorkloadAccount } from '../../report/workload-account.ts';
import { commandFor } from '../kubectl.ts';
import { paragraphLines } from './columns.ts';
import { type Canvas, heading } from './page.ts';

/** A change of the template of a workload, as it is written to a file. */
export interface Patch {
  readonly yaml: string;
  /** How many of its causes it removes. */
  readonly causes: number;
  /** A command that tries it, with the name of the file; `null`: it is no patch for kubectl. */
  readonly command: string | null;
}

/** How the reader asks again. */
export interface Again {
  /** The command that shows the page again. */
  readonly again: string;
  /** Commands that kubectl needs before, to know the cluster. */
  readonly before: readonly string[];
}

/** What to change: for each cause the fix, and the patch that takes several of them together. */
export function changeLines(
  { causes, cluster }: WorkloadAccount,
  patch: Patch | null,
  canvas: Canvas,
): readonly string[] {
  if (causes.length === 0) return [];
  const fixes = causes.map(
    ({ findings }) => findings.find(({ fix }) => fix != null)?.fix ?? inWords(findings[0]),
  );
  const common = commonRisks(fixes);
  return [
    ...heading('WHAT TO CHANGE', 'see the risk first', canvas),
    ...causes.flatMap((cause, index) => {
      const fix = fixes[index];
      return fix === undefined ? [] : fixLines(cause, { number: index + 1, fix, common, cluster }, canvas);
    }),
    ...riskLines([...common].join(' '), 'risk of several of these: ', canvas),
    ...(patch === null ? [] : patchLines(patch, cluster, canvas)),
  ];
}

const SENTENCES = /(?<=[.!?]) (?=[A-Z])/;

const sentencesOf = ({ risk }: Fix): readonly string[] => risk?.split(SENTENCES) ?? [];

/** Sentences that several fixes share are said once, below them. */
function commonRisks(fixes: readonly Fix[]): ReadonlySet<string> {
  const all = fixes.flatMap((fix) => [...new Set(sentencesOf(fix))]);
  return new Set(all.filter((sentence, index) => all.indexOf(sentence) < index));
}

const riskLines = (risk: string, lead: string, canvas: Canvas): readonly string[] =>
  risk === ''
    ? []
    : paragraphLines(asCalled(risk, canvas), {
        width: canvas.width,
        indent: 5,
        lead,
        lines: 8,
        paint: canvas.style.dim,
      });

interface NumberedFix {
  readonly number: number;
  readonly fix: Fix;
  readonly common: ReadonlySet<string>;
  readonly cluster: ClusterIdentity;
}

function fixLines(
  { cause, findings, others, remains }: AccountedCause,
  { number, fix, common, cluster }: NumberedFix,
  canvas: Canvas,
): readonly string[] {
  const { width, style } = canvas;
  const left = remainsText(remains);
  const behind = `${count(findings.length, 'finding')}${others.length === 0 ? '' : `, and those of ${count(others.length, 'more workload')}`}${left === null ? '' : `; ${left}`}`;
  const risk = sentencesOf(fix).filter((sentence) => !common.has(sentence));
  return [
    ...paragraphLines(`${causeText({ cause, findings: [] })} (${behind})`, {
      width,
      indent: 2,
      lead: `${number}. `,
      paint: style.bold,
    }),
    ...paragraphLines(asCalled(fix.text, canvas), { width, indent: 5, lines: 6 }),
    ...(fix.command === null ? [] : commandLines(commandFor(fix.command, cluster, canvas), 5, canvas)),
    ...riskLines(risk.join(' '), 'risk: ', canvas),
  ];
}

const inWords = ({ remediation }: Finding): Fix => ({ text: remediation, command: null, risk: null });

/** Commands are never wrapped or cut, so that they can be copied. */
const commandLines = (command: string, indent: number, { style }: Canvas): readonly string[] => [
  `${' '.repeat(indent)}${style.accent(terminalSafe(command))}`,
];

function patchLines(
  { yaml, causes, command }: Patch,
  cluster: ClusterIdentity,
  canvas: Canvas,
): readonly string[] {
  const { width, style } = canvas;
  const lead =
    command === null
      ? `One patch for ${count(causes, 'cause')} above:`
      : `One patch for ${count(causes, 'cause')} above; write it to patch.yaml, review it, and try it:`;
  return [
    '',
    ...paragraphLines(lead, { width, indent: 2 }),
    ...(command === null ? [] : commandLines(commandFor(command, cluster, canvas), 2, canvas)),
    ...yaml
      .trimEnd()
      .split('\n')
      .map((line) => `    ${style.accent(terminalSafe(line))}`),
  ];
}

/** Commands that show whether it is mended, first the one that asks all questions again. */
export function checkLines(
  account: WorkloadAccount,
  checks: readonly CheckInfo[],
  { again, before }: Again,
  canvas: Canvas,
): readonly string[] {
  if (account.causes.length === 0) return [];
  const verify = account.causes.flatMap(({ findings }) =>
    findings.flatMap((finding) => verifyOf(finding, checks)).slice(0, 1),
  );
  const commands = verify.map((command) =>
    command.startsWith(OWN) ? command.replace(/ --config \S+/, '') : command,
  );
  return [
    ...heading('HOW TO CHECK', '', canvas),
    ...[...new Set([again, ...before, ...commands])].flatMap((command) =>
      commandLines(commandFor(command, account.cluster, canvas), 2, canvas),
    ),
  ];
}

function verifyOf(finding: Finding, checks: readonly CheckInfo[]): readonly string[] {
  const verify = checks.find(({ id }) => id === finding.check)?.verify;
  const command = verify === undefined ? null : verifyCommand(finding, verify);
  return command === null ? [] : [command];
}

/** Of this program: what it reads is said by the flags with which it was called. */
const OWN = `${PROGRAM} `;
