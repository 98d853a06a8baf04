import { causeKindsOf } from '../../checks/cause.ts';
import type { Category, CheckInfo } from '../../checks/check.ts';
import { EXAMPLE_VERDICTS, EXAMPLE_WORLD, type Example, exampleYaml } from '../../checks/example.ts';
import { asCalled } from '../../report/own-commands.ts';
import { paragraphLines } from './columns.ts';
import { type Canvas, canvasOf, heading } from './page.ts';
import type { Look } from './style.ts';

const CATEGORIES: Readonly<Record<Category, string>> = {
  age: 'AGE',
  'writable-layer': 'WRITABLE LAYER',
  egress: 'EGRESS',
  together: 'TOGETHER',
};

/** Labels are eight columns wide and stand behind two. */
const INDENT = 12;

/** `checks`: all of them by category, in the order of the catalogue. */
export function renderChecks(checks: readonly CheckInfo[], look: Look): string {
  const canvas = canvasOf(look);
  const groups = [...Map.groupBy(checks, ({ category }) => category)];
  const lines = [
    ...groups.flatMap(([category, of]) => [
      ...heading(CATEGORIES[category], '', canvas),
      ...of.flatMap((check) => listEntry(check, canvas)),
    ]),
    '',
    ...checks.slice(0, 1).flatMap(({ id }) =>
      paragraphLines(asCalled(`Details of a check: eks-drift-audit checks explain ${id}`, canvas), {
        width: canvas.width,
        indent: 0,
        paint: canvas.style.dim,
      }),
    ),
  ];
  return `${lines.join('\n').trimStart()}\n`;
}

const listEntry = ({ id, severity, failsWhen }: CheckInfo, { style, width }: Canvas): readonly string[] => [
  `  ${style.label(severity)}  ${style.bold(id)}`,
  ...paragraphLines(failsWhen, { width, indent: INDENT, paint: style.dim }),
];

/** `checks explain ID`: what, why, evidence, how to fix, how to verify, control mapping. */
export function renderCheck(check: CheckInfo, look: Look): string {
  const canvas = canvasOf(look);
  const { style, width } = canvas;
  const text = (body: string): readonly string[] => paragraphLines(body, { width, indent: 2, lines: 40 });
  const optional = (title: string, body: string | null): readonly string[] =>
    body === null ? [] : [...heading(title, '', canvas), ...text(body)];
  const lines = [
    `${style.label(check.severity)}  ${style.bold(check.id)}`,
    ...paragraphLines(check.title, { width, indent: 0 }),
    ...heading('FAILS WHEN', '', canvas),
    ...text(check.failsWhen),
    ...optional('NOT EVALUATED WHEN', check.notEvaluatedWhen),
    ...optional('DOES NOT APPLY TO', check.notApplicableTo),
    ...heading('CAUSE', 'what one change removes', canvas),
    ...text(causeKindsOf(check).join(', ')),
    ...heading('WHY IT MATTERS', '', canvas),
    ...text(check.why),
    ...heading('EVIDENCE', '', canvas),
    ...text(check.evidence),
    ...heading('HOW TO FIX', '', canvas),
    ...text(check.remediation),
    ...codeLines(check.patch, canvas),
    ...heading('HOW TO VERIFY', '', canvas),
    ...codeLines(check.verify, canvas).slice(1),
    ...heading('EXAMPLES', '', canvas),
    ...text(EXAMPLE_WORLD),
    ...check.examples.flatMap((example) => exampleLines(example, canvas)),
    ...controlLines(check, canvas),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is not given is as in every example. */
function exampleLines(example: Example, canvas: Canvas): readonly string[] {
  const given = exampleYaml(example);
  return [
    '',
    ...paragraphLines(`${example.title}: ${EXAMPLE_VERDICTS[example.verdict]}`, {
      width: canvas.width,
      indent: 2,
    }),
    ...(given === '' ? [] : codeLines(given, canvas).slice(1)),
  ];
}

/** Never wrapped: a reader copies it. It is the program's own text, not a cluster's. */
const codeLines = (code: string, { style }: Canvas): readonly string[] => [
  '',
  ...code
    .trimEnd()
    .split('\n')
    .map((line) => `    ${style.accent(line)}`),
];

/** One line a standard with its controls, and the source that was read, whole so that it can be followed. */
function controlLines({ controls }: CheckInfo, canvas: Canvas): readonly string[] {
  if (controls.length === 0) return [];
  const { style, width } = canvas;
  const standards = Map.groupBy(
    controls,
    ({ framework, version, source }) => `${framework}\n${version}\n${source}`,
  );
  return [
    ...heading('SUPPORTS', 'controls of published standards', canvas),
    ...[...standards.values()].flatMap((of) => {
      const text = `${of[0]?.framework} ${of[0]?.version}: ${of.map(({ control }) => control).join(', ')}`;
      return [...paragraphLines(text, { width, indent: 2 }), `    ${style.dim(of[0]?.source ?? '')}`];
    }),
  ];
}
