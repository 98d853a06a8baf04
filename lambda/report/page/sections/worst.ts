import { compareCauses, type FoldedCause, foldCauses } from '../../../findings/fold-causes.ts';
import type { RankedWorkload } from '../../../findings/rank.ts';
import { verifyCommand } from '../../../fixes/verify-command.ts';
import { causeText } from '../../cause-words.ts';
import { firstSeenOf, worstOf } from '../../digest-cause-groups.ts';
import { managedLines } from '../../digest-managed.ts';
import { day, openFor } from '../../digest-time.ts';
import { imageStories } from '../../image-story.ts';
import { count, workloadName } from '../../words.ts';
import { badge, command, copied, link, list, section } from '../components.ts';
import { html, type Markup, ownText } from '../markup.ts';
import { findingLink, type PageFacts, queryLink, SHOWN } from '../page-facts.ts';
import { patchCommand } from '../patch-command.ts';

/** Causes of one workload before the rest is counted. */
const CAUSES = 5;
/** Sentences of one cause, likewise. */
const MESSAGES = 2;
/** Workloads whose causes can be read without a click. */
const OPENED = 3;

/** Says so where it is printed; page.css leaves out the same. */
const ON_PAPER =
  'On paper: up to three causes of a workload, each with its fix. Risks, commands, patches and how to check are in report.html.';

/** What to fix first, each with whom to call, what is wrong, the change and how to check it. */
export function worstSection(facts: PageFacts): Markup {
  const { input, news, clusters, nameOf } = facts;
  const { ranked } = input;
  const behind = new Map(news.open.map((one) => [one.cause.id, one]));
  const managed = managedLines(clusters, { top: SHOWN, nameOf });
  return section(
    {
      id: 'worst',
      title: 'Worst workloads',
      ...(ranked.length === 0
        ? {}
        : { lead: `${count(ranked.length, 'workload')} with open findings, first those to fix first.` }),
    },
    [
      ranked.length === 0 ? html`` : html`<p class="on-paper">${ON_PAPER}</p>\n`,
      ...ranked.slice(0, SHOWN).map((one, index) => card(one, { facts, behind, index })),
      ranked.length === 0
        ? html`<p>No workload has an open finding${clusters.every(({ outcome }) => outcome === 'audited') && clusters.length > 0 ? '' : ' in what could be read'}.</p>\n`
        : html`<p>${link(queryLink('is:active'), 'All open findings in the table')}</p>\n`,
      managed.length === 0
        ? html``
        : html`<h3>Managed workloads, judged and not ranked</h3>\n${list(managed.slice(0, SHOWN).map((line) => html`${line}`))}`,
    ],
  );
}

interface CardContext {
  readonly facts: PageFacts;
  /** All findings of a cause, by its id. */
  readonly behind: ReadonlyMap<string, FoldedCause>;
  readonly index: number;
}

function card(ranked: RankedWorkload, { facts, behind, index }: CardContext): Markup {
  const { cluster, workload, severity, pods, oldestStartedAt, findings } = ranked;
  const { nameOf, now, input, hasOwners } = facts;
  const causes = foldCauses(findings).toSorted(compareCauses);
  const [first] = findings;
  const owner = findings.find((one) => one.owner != null)?.owner ?? null;
  const manager = findings.find(({ managedBy }) => managedBy != null)?.managedBy ?? null;
  const said = [
    `in ${nameOf(cluster)}`,
    count(pods, 'pod'),
    ...(oldestStartedAt === null ? [] : [`oldest pod started ${day(oldestStartedAt, now)}`]),
    ...(owner === null ? (hasOwners ? ['no owner'] : []) : [`owner: ${owner}`]),
    ...(manager === null ? [] : [`run by ${manager}`]),
  ];
  const patch = patchCommand(ranked, ({ id }) => facts.patches.has(id));
  const verify = new Map(input.checks.map((check) => [check.id, check.verify]));
  const checkedBy = new Set(
    causes.slice(0, CAUSES).flatMap(({ findings: [finding] }) => {
      const text = verify.get(finding.check);
      return (text === undefined ? null : verifyCommand(finding, text)) ?? [];
    }),
  );
  return html`
<article class="card ${severity}">
<h3>${index + 1}. ${first === undefined ? workloadName(workload) : link(findingLink(first, nameOf), workloadName(workload))} ${badge(severity)}</h3>
<p class="facts">${said.join(' · ')}</p>
${imageStories(findings, now).map((story) => html`<p class="story">${story}</p>\n`)}<details class="causes"${ownText(index < OPENED ? ' open' : '')}><summary>${causes.length === 1 ? '1 cause with its fix' : `${count(causes.length, 'cause')}, each with its fix`}</summary>
<ol>
${causes.slice(0, CAUSES).map((one) => causeItem(one, { whole: behind.get(one.cause.id), facts }))}</ol>
${causes.length > CAUSES ? html`<p>and ${count(causes.length - CAUSES, 'more cause')}</p>\n` : html``}${
  patch === null
    ? html``
    : html`<p class="unprinted">${causes.some(({ cause }) => facts.patches.has(cause.id)) ? 'Other patches and draft policies' : 'Patches and draft policies'} for it, as files to review:</p>\n${command(patch)}`
}</details>
${
  checkedBy.size === 0
    ? html``
    : html`<details class="unprinted"><summary>How to check</summary>\n${[...checkedBy].map((text) => command(text))}</details>\n`
}</article>
`;
}

interface CauseContext {
  readonly facts: PageFacts;
  /** Its findings of all workloads. */
  readonly whole: FoldedCause | undefined;
}

function causeItem(
  { cause, findings, drifted }: FoldedCause,
  { whole, facts: { now, patches } }: CauseContext,
): Markup {
  const patch = patches.get(cause.id);
  const worst = worstOf(findings);
  const { fix, remediation } = worst;
  const others = (whole?.workloads ?? 1) - 1;
  const facts = [
    openFor(firstSeenOf(findings), now),
    ...(others > 0 ? [`the same change removes findings of ${count(others, 'more workload')}`] : []),
  ].filter((fact) => fact !== '');
  const messages = new Set(findings.map(({ message }) => message));
  return html`<li><b>${causeText({ cause, findings, drifted })}</b>${facts.length === 0 ? '' : ` (${facts.join('; ')})`}
${[...messages].slice(0, MESSAGES).map((message) => html`<p>${message}</p>\n`)}${messages.size > MESSAGES ? html`<p class="note">and ${count(messages.size - MESSAGES, 'more finding')} of this cause</p>\n` : html``}<p class="remedy">${fix?.text ?? remediation}</p>
${command(fix?.command)}${fix?.risk == null ? html`` : html`<p class="risk">Risk: ${fix.risk}</p>\n`}${patch === undefined ? html`` : copied(`Patch: ${patch.name}`, patch.text)}</li>
`;
}
