import { isActive } from '../../../findings/identity.ts';
import { jsonSafe } from '../../escape.ts';
import { clusterName, count, excludedPods, instant, thousands } from '../../words.ts';
import { list, section, table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import type { PageFacts } from '../page-facts.ts';
import { recordFacts, verification } from './recorded.ts';
import { byCheck, byControl } from './verdicts.ts';

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
    [
      scope(facts),
      byCheck(facts),
      byControl(facts),
      configuration(facts),
      objects(facts),
      verification(facts),
    ],
  );
}

function scope(facts: PageFacts): Markup {
  const { clusters, input, summary } = facts;
  const { run } = input.digest.run;
  const left = excludedPods(clusters);
  const notes = [...new Set(clusters.flatMap((result) => result.notes))];
  return html`<h3>Scope</h3>
<dl class="pairs">
<div><dt>Run</dt><dd><code>${run.id}</code></dd></div>
<div><dt>Started</dt><dd>${instant(run.startedAt)}</dd></div>
<div><dt>Program</dt><dd>eks-drift-auditor ${run.version}</dd></div>
${recordFacts(facts)}<div><dt>Configuration, SHA-256</dt><dd><code>${run.config}</code></dd></div>
<div><dt>Population</dt><dd>${count(summary.clusters.audited, 'cluster')} audited, ${thousands(summary.clusters.failed)} not; ${count(summary.pods, 'pod')}, ${count(summary.workloads, 'workload')}, ${count(summary.namespaces, 'namespace')}, ${count(summary.nodes, 'node')}</dd></div>
${left === '' ? html`` : html`<div><dt>Excluded by the configuration</dt><dd>${left}</dd></div>\n`}</dl>
${table({
  caption: 'Clusters',
  columns: [
    { title: 'Cluster' },
    { title: 'Outcome' },
    { title: 'Kubernetes' },
    { title: 'Read by' },
    ...['pods', 'workloads', 'findings open', 'not evaluated'].map((title) => ({ title, numeric: true })),
  ],
  rows: clusters
    .slice(0, ROWS)
    .map(({ cluster, outcome, reading, totals, findings, notEvaluated }) => [
      html`${clusterName(cluster)}${cluster.arn === null ? '' : html`<br><code>${cluster.arn}</code>`}`,
      outcome === 'audited' ? html`audited` : html`<span class="count gap">not audited</span>`,
      reading?.kubernetesVersion == null ? html`not known` : html`${reading.kubernetesVersion}`,
      reading?.principal == null ? html`not known` : html`<code>${reading.principal}</code>`,
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
<p>This page is one of them, and in ${input.of === 'one' ? 'cluster-manifest.json' : 'manifest.json'} with its own hash.</p>
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
