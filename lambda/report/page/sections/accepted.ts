import { exemptionScope } from '../../digest-exemptions.ts';
import { daysBetween } from '../../digest-time.ts';
import type { ExemptionNote } from '../../exemption-notes.ts';
import { count, listed, reasonWords, thousands } from '../../words.ts';
import { link, list, section, table } from '../components.ts';
import { exempted } from '../exempted.ts';
import { html, type Markup } from '../markup.ts';
import { type PageFacts, queryLink, SHOWN } from '../page-facts.ts';

/** Rows of a table before the rest is counted. */
const ROWS = 50;
const CHECKS = 4;

/** What was accepted, by whom and until when. */
export function acceptedSection(facts: PageFacts): Markup {
  const { clusters, now, input } = facts;
  const { exemptions, acceptedGaps = null } = input.digest;
  const rows = exempted(allOf(clusters));
  const gaps =
    acceptedGaps === null ? [] : [...acceptedGaps.expired, ...acceptedGaps.expiring, ...acceptedGaps.unused];
  const isEmpty =
    rows.length === 0 && [exemptions.expired, exemptions.unused, gaps].every(({ length }) => length === 0);
  return section({ id: 'accepted', title: 'Exemptions' }, [
    rows.length === 0
      ? html``
      : table({
          caption: 'Exemptions with findings',
          columns: [
            { title: 'Reason' },
            { title: 'Owner' },
            { title: 'Last day', unbroken: true },
            { title: 'Findings', numeric: true },
            { title: 'Checks' },
          ],
          rows: rows
            .slice(0, ROWS)
            .map(({ reason, owner, expires, findings, checks }) => [
              html`${reason}`,
              html`${owner}`,
              html`${expires}${endsIn(expires, now)}`,
              html`${thousands(findings)}`,
              html`${listed(checks, CHECKS)}`,
            ]),
        }),
    rows.length > ROWS ? html`<p>and ${count(rows.length - ROWS, 'more exemption')}</p>\n` : html``,
    rows.length === 0
      ? html``
      : html`<p>${link(queryLink('is:exempt'), 'All exempt findings in the table')}</p>\n`,
    notes('Expired, so that their findings count again', exemptions.expired),
    notes('Unused: correct or remove them', exemptions.unused),
    gaps.length === 0
      ? html``
      : html`<h3>Accepted gaps to look at</h3>\n${list(
          gaps
            .slice(0, SHOWN)
            .map(
              ({ accepted, rows: matched }) =>
                html`${reasonWords(accepted.reason)}, last day ${accepted.expires}, ${count(matched, 'verdict')}. Owner ${accepted.owner}: ${accepted.because}`,
            ),
        )}`,
    isEmpty ? html`<p>Nothing is exempt.</p>\n` : html``,
  ]);
}

function* allOf(clusters: PageFacts['clusters']) {
  for (const { findings } of clusters) yield* findings;
}

/** `, in 12 days` where it is soon. */
function endsIn(expires: string, now: string): string {
  const days = daysBetween(now.slice(0, 10), expires);
  return days === null || days > 30 ? '' : days === 0 ? ' (today)' : ` (in ${count(days, 'day')})`;
}

function notes(title: string, of: readonly ExemptionNote[]): Markup {
  if (of.length === 0) return html``;
  return html`<h3>${title}</h3>\n${list(
    of
      .slice(0, SHOWN)
      .map(
        ({ exemption, findings }) =>
          html`${exemptionScope(exemption)}, last day ${exemption.expires}, ${count(findings, 'finding')}. Owner ${exemption.owner}: ${exemption.reason}`,
      ),
  )}${of.length > SHOWN ? html`<p>and ${count(of.length - SHOWN, 'more exemption')}</p>\n` : html``}`;
}
