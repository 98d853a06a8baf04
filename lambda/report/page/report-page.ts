import { apartFindings } from '../../findings/apart.ts';
import { instant } from '../words.ts';
import { embeddedFindings } from './block/embedded.ts';
import { packFindings } from './block/pack.ts';
import { html, type Markup, textOf } from './markup.ts';
import { type PageFacts, pageFacts } from './page-facts.ts';
import type { PageInput } from './page-input.ts';
import { acceptedSection } from './sections/accepted.ts';
import { agesSection } from './sections/ages.ts';
import { answerSection } from './sections/answer.ts';
import { auditorSection } from './sections/auditor.ts';
import { changedSection } from './sections/changed.ts';
import { driftSection } from './sections/drift.ts';
import { egressSection } from './sections/egress.ts';
import { findingsSection } from './sections/findings.ts';
import { notEvaluatedSection } from './sections/not-evaluated.ts';
import { teamsSection } from './sections/teams.ts';
import { trendSection } from './sections/trend.ts';
import { worstSection } from './sections/worst.ts';
import { TEMPLATE } from './template.ts';

/** In the order of the page, with the words by which its navigation names them. */
const SECTIONS: readonly (readonly [id: string, name: string, make: (facts: PageFacts) => Markup])[] = [
  ['answer', 'Answer', answerSection],
  ['changed', 'Changed', changedSection],
  ['not-evaluated', 'Not checked', notEvaluatedSection],
  ['worst', 'Worst', worstSection],
  ['teams', 'Teams', teamsSection],
  ['egress', 'Egress', egressSection],
  ['ages', 'Ages', agesSection],
  ['drift', 'Drift', driftSection],
  ['trend', 'Trend', trendSection],
  ['accepted', 'Exemptions', acceptedSection],
  ['findings', 'All findings', findingsSection],
  ['auditor', 'For the auditor', auditorSection],
];

/**
 * `report.html`: one page that needs nothing else, opens from a folder, and can be read without scripts but for the table
 * of all findings. Pure: the same input gives the same bytes. Comes in pieces, since it may be megabytes.
 */
export function* reportPage(input: PageInput): Generator<string> {
  const facts = pageFacts(input);
  const title = `EKS audit of ${instant(facts.now)}`;
  yield textOf(head(title));
  yield textOf(html`<header>
<h1>${title}</h1>
<p class="about">Run <code>${input.digest.run.run.id}</code>, eks-drift-auditor ${input.digest.run.run.version}, configuration <code>${input.digest.run.run.config.slice(0, 12)}</code></p>
</header>
<nav aria-label="Sections"><ul>
${SECTIONS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>\n`)}</ul></nav>
<main>
`);
  for (const [, , make] of SECTIONS) yield textOf(make(facts));
  yield '</main>\n';
  yield* dataElement(facts);
  yield textOf(html`${TEMPLATE.script}\n</body>\n</html>\n`);
}

/** The findings for the script, as a block of data, which no browser runs (HTML, the script element: data block). */
function* dataElement({ input, clusters, nameOf, now, patches }: PageFacts): Generator<string> {
  const { findings, left } = embeddedFindings(clusters);
  if (findings.length === 0) return;
  yield textOf(
    html`<script id="data" type="text/plain" data-left="${left}" data-csv="${input.of === 'clusters' ? 'the findings.csv of its cluster' : 'findings.csv'}">`,
  );
  const titles = new Map(input.checks.map(({ id, title }) => [id, title]));
  const apart = new Set(clusters.flatMap(apartFindings).map(({ id }) => id));
  yield* packFindings(findings, { nameOf, titles, now, run: input.digest.run.run.id, patches, apart });
  yield '</script>\n';
}

/** Style and script are of this program alone: they are put in as they are, and the policy names their hashes. */
function head(title: string): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${title}</title>
${TEMPLATE.style}
</head>
<body>
<a class="skip" href="#findings">Skip to all findings</a>
`;
}

/** Nothing is loaded, sent or framed, and no text ever becomes markup or a script (CSP 3, Trusted Types). */
const policy = (): string =>
  [
    "default-src 'none'",
    `script-src '${TEMPLATE.scriptHash}'`,
    `style-src '${TEMPLATE.styleHash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
