import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { causeKindsOf } from '../../lambda/checks/cause.ts';
import type { AnyCheck, Category } from '../../lambda/checks/check.ts';
import { EXAMPLE_VERDICTS, EXAMPLE_WORLD, type Example, exampleYaml } from '../../lambda/checks/example.ts';
import type { CauseKind } from '../../lambda/findings/cause.ts';
import { controlLabel } from '../../lambda/findings/control.ts';

const CATEGORIES: Readonly<Record<Category, string>> = {
  age: 'Age',
  'writable-layer': 'Writable layer',
  egress: 'Egress',
  together: 'Together',
};

const byCategory = (): readonly (readonly [string, readonly AnyCheck[]])[] =>
  [...Map.groupBy(CATALOGUE, ({ category }) => category)].map(([category, of]) => [CATEGORIES[category], of]);

/** docs/checks.md: each check in full. */
export function checksPage(): string {
  const sections = byCategory().flatMap(([category, of]) => [`## ${category}`, ...of.flatMap(checkSection)]);
  return `${['# The checks', introduction(), ...sections].join('\n\n')}\n`;
}

/** What to change, by kind; `unknown` is of rows of earlier versions alone. */
const OBJECTS: Readonly<Record<Exclude<CauseKind, 'unknown'>, string>> = {
  'host-network': 'the workload: `hostNetwork`',
  'policy-not-enforced': 'the cluster: what enforces policies, once for each reason',
  'rule-too-wide': 'the rules of policies that open what was found',
  'no-egress-policy': 'the namespace: a policy for its egress',
  'mesh-open': 'the configuration of the mesh, a Sidecar, a ServiceEntry, or annotations of the workload',
  'writable-root': 'the container in the template of its workload',
  'node-path': 'the mounts of the container in the template of its workload',
  'not-restarted': 'the workload: restart it',
  'image-behind': 'the image of the workload, in all containers that run it',
  drifted: 'the pod, then its template',
  'debug-left': 'the pod: replace it',
  'unbounded-volume': 'the volumes of the workload',
};

const causesTable = (): string =>
  [
    '| cause | what to change |',
    '|---|---|',
    ...Object.entries(OBJECTS).map((row) => `| \`${row.join('` | ')} |`),
  ].join('\n');

const introduction = (): string => `<!-- Generated from lambda/checks by npm run docs. -->

Every verdict is fail, pass, or not evaluated with a reason; a check that does not apply has no verdict.
No check is evaluated where the pods could not be read. \`eks-drift-audit checks explain CHECK\`
prints the same, and [controls.md](controls.md) says why each control is supported.

A finding has one cause: what one change removes. Findings with the same cause go together where people read them.

${causesTable()}

${EXAMPLE_WORLD}`;

function checkSection(check: AnyCheck): readonly string[] {
  const { id, title, severity, failsWhen, why, evidence, remediation, patch, verify } = check;
  const needs =
    check.needs.length > 0
      ? ` One of these resources could not be read: ${check.needs.map(code).join(', ')}.`
      : '';
  const open =
    check.notEvaluatedWhen ?? (check.needs.length > 0 ? '' : 'Only where the pods could not be read.');
  return [
    `### ${id}`,
    `${title}. Severity: ${severity}.`,
    [
      `- **Fails when**: ${failsWhen}`,
      `- **Not evaluated when**: ${`${open}${needs}`.trim()}`,
      ...(check.notApplicableTo === null ? [] : [`- **Does not apply to**: ${check.notApplicableTo}`]),
      `- **Cause**: ${causeKindsOf(check).map(code).join(', ')}`,
      `- **Why it matters**: ${why}`,
      `- **Evidence**: ${evidence}`,
      `- **How to fix**: ${remediation}`,
    ].join('\n'),
    fenced('yaml', patch),
    'How to verify:',
    fenced('sh', verify),
    controlsLine(check),
    'Examples:',
    ...check.examples.flatMap(exampleSection),
  ];
}

const code = (text: string): string => `\`${text}\``;
const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

const controlsLine = ({ controls, withoutControls }: AnyCheck): string =>
  controls.length === 0
    ? `Supports no control: ${withoutControls}`
    : `Supports ${controls.map(controlLabel).join('; ')}.`;

function exampleSection(example: Example): readonly string[] {
  const given = exampleYaml(example);
  return [
    `- ${example.title}: **${EXAMPLE_VERDICTS[example.verdict]}**`,
    ...(given === '' ? [] : [fenced('yaml', given)]),
  ];
}

/** The table of the README: ids by category. */
export function checksTable(): string {
  const rows = byCategory().map(
    ([category, of]) => `| ${category.toLowerCase()} | ${of.map(({ id }) => linked(id)).join(' · ')} |`,
  );
  return ['| | |', '|---|---|', ...rows].join('\n');
}

const linked = (id: string): string => `[\`${id}\`](docs/checks.md#${id})`;
