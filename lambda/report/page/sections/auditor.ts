import { isActive } from '../../../findings/identity.ts';
import { jsonSafe } from '../../escape.ts';
import { clusterName, count, excludedPods, instant, thousands } from '../../words.ts';
import { list, section, table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import type { PageFacts } from '../page-facts.ts';

/** Rows of a table before the rest is counted. */
const ROWS = 200;
const NOTES = 20;

/** What it takes to judge and to repeat the audit: scope, numbers by check and by control, configuration, hashes. */
export function auditorSection(facts: PageFacts): Markup {
  return section(
    {
      id: 'auditor',
      title: 'For the auditor',
      lead: 'What was looked at, by which rules, and what was recorded.',
    },
    [scope(facts), byCheck(facts), byControl(facts), configuration(facts), objects(facts)],
  );
}

function scope({ clusters, input, summary }: PageFacts): Markup {
  const { run } = input.digest.run;
  const left = excludedPods(clusters);
  const notes = [...new Set(clusters.flatMap((result) => result.notes))];
  return html`<h3>Scope</h3>
<dl class="pairs">
<div><dt>Run</dt><dd><code>${run.id}</code></dd></div>
<div><dt>Started</dt><dd>${instant(run.startedAt)}</dd></div>
<div><dt>Program</dt><dd>eks-drift-auditor ${run.version}</dd></div>
<div><dt>Configuration, SHA-256</dt><dd><code>${run.config}</code></dd></div>
<div><dt>Population</dt><dd>${count(summary.clusters.audited, 'cluster')} audited, ${thousands(summary.clusters.failed)} not; ${count(summary.pods, 'pod')}, ${count(summary.workloads, 'workload')}, ${count(summary.namespaces, 'namespace')}, ${count(summary.nodes, 'node')}</dd></div>
${left === '' ? html`` : html`<div><dt>Excluded by the configuration</dt><dd>${left}</dd></div>\n`}</dl>
${table({
  caption: 'Clusters',
  columns: [
    { title: 'Cluster' },
    { title: 'Outcome' },
    ...['pods', 'workloads', 'findings open', 'not evaluated'].map((title) => ({ title, numeric: true })),
  ],
  rows: clusters
    .slice(0, ROWS)
    .map(({ cluster, outcome, totals, findings, notEvaluated }) => [
      html`${clusterName(cluster)}${cluster.arn === null ? '' : html`<br><code>${cluster.arn}</code>`}`,
      outcome === 'audited' ? html`audited` : html`<span class="count gap">not audited</span>`,
      html`${thousands(totals.pods)}`,
      html`${thousands(totals.workloads)}`,
      html`${thousands(findings.filter(isActive).length)}`,
      html`${thousands(notEvaluated.length)}`,
    ]),
})}${clusters.length > ROWS ? html`<p>and ${count(clusters.length - ROWS, 'more cluster')}, all of them in summary.json</p>\n` : html``}${
  notes.length === 0
    ? html``
    : html`<details><summary>${count(notes.length, 'note')} of the audit</summary>\n${list(notes.slice(0, NOTES).map((note) => html`${note}`))}${notes.length > NOTES ? html`<p>and ${count(notes.length - NOTES, 'more note')}</p>\n` : html``}</details>\n`
}`;
}

interface Verdicts {
  pass: number;
  fail: number;
  exempt: number;
  notEvaluated: number;
}

/** Exempt findings are failing verdicts that were accepted: they are counted apart from those that fail. */
const verdictsByCheck = ({ summary }: PageFacts): ReadonlyMap<string, Verdicts> =>
  new Map(
    summary.checks.map(({ check, pass, fail, exempt = 0, notEvaluated }) => [
      check,
      { pass, fail, exempt, notEvaluated },
    ]),
  );

const VERDICTS = ['pass', 'fail', 'exempt', 'not evaluated'].map((title) => ({ title, numeric: true }));

const numbers = ({ pass, fail, exempt, notEvaluated }: Verdicts): readonly Markup[] => [
  html`${thousands(pass)}`,
  fail === 0 ? html`<span class="none">0</span>` : html`<span class="count high">${thousands(fail)}</span>`,
  html`${thousands(exempt)}`,
  notEvaluated === 0
    ? html`<span class="none">0</span>`
    : html`<span class="count gap">${thousands(notEvaluated)}</span>`,
];

function byCheck(facts: PageFacts): Markup {
  const verdicts = verdictsByCheck(facts);
  const { checks } = facts.input;
  const asked = checks.filter(({ id }) => verdicts.has(id));
  const notAsked = checks.filter(({ id }) => !verdicts.has(id));
  return html`<h3>Verdicts by check</h3>
${table({
  caption: 'Verdicts by check',
  columns: [{ title: 'Check' }, ...VERDICTS],
  rows: asked.map(({ id, title }) => [
    html`<code>${id}</code><br>${title}`,
    ...numbers(verdicts.get(id) ?? { pass: 0, fail: 0, exempt: 0, notEvaluated: 0 }),
  ]),
})}${notAsked.length === 0 ? html`` : html`<p>Without a verdict, since the configuration does not ask or nothing was read: ${notAsked.map(({ id }) => id).join(', ')}.</p>\n`}`;
}

function byControl(facts: PageFacts): Markup {
  const verdicts = verdictsByCheck(facts);
  const controls = new Map<string, Verdicts & { checks: string[] }>();
  for (const { id, controls: supported } of facts.input.checks) {
    const own = verdicts.get(id);
    if (own === undefined) continue;
    for (const { framework, control } of supported) {
      const key = `${framework}: ${control}`;
      const of = controls.get(key) ?? { pass: 0, fail: 0, exempt: 0, notEvaluated: 0, checks: [] };
      of.pass += own.pass;
      of.fail += own.fail;
      of.exempt += own.exempt;
      of.notEvaluated += own.notEvaluated;
      of.checks.push(id);
      controls.set(key, of);
    }
  }
  const rows = [...controls].sort(([a], [b]) => (a < b ? -1 : 1));
  return html`<details><summary>Verdicts by control (${count(rows.length, 'control')})</summary>
<p>A check supports a control as docs/controls.md says; that it passes does not by itself fulfil the control.</p>
${table({
  caption: 'Verdicts by control',
  columns: [{ title: 'Control' }, ...VERDICTS],
  rows: rows.map(([control, of]) => [
    html`${control}<br><span class="note">${of.checks.join(', ')}</span>`,
    ...numbers(of),
  ]),
})}</details>
`;
}

const configuration = ({ input: { config } }: PageFacts): Markup =>
  config === null
    ? html`<p>The effective configuration of this run was not recorded.</p>\n`
    : html`<details><summary>Effective configuration</summary><pre tabindex="0">${joinedLines(config)}</pre></details>\n`;

/** Line by line, since escaping makes a line break visible. */
const joinedLines = (value: object): readonly Markup[] =>
  jsonSafe(JSON.stringify(value, null, 2))
    .split('\n')
    .map((line) => html`${line}\n`);

function objects({ input }: PageFacts): Markup {
  const all = input.objects.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  if (all.length === 0) return html`<p>None of the objects of this run were stored before this page.</p>\n`;
  return html`<details><summary>Objects of this run (${thousands(all.length)})</summary>
<p>This page is one of them, and in manifest.json with its own hash.</p>
${table({
  caption: 'Objects of this run',
  columns: [{ title: 'Object' }, { title: 'Bytes', numeric: true }, { title: 'SHA-256' }],
  rows: all
    .slice(0, ROWS)
    .map(({ key, bytes, sha256 }) => [
      html`<code>${key}</code>`,
      html`${thousands(bytes)}`,
      html`<code>${sha256}</code>`,
    ]),
})}${all.length > ROWS ? html`<p>and ${count(all.length - ROWS, 'more object')}, all of them in manifest.json</p>\n` : html``}</details>
`;
}
