import { checkOutcomes } from '../../compliance.ts';
import { count, thousands } from '../../words.ts';
import { table } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import type { PageFacts } from '../page-facts.ts';

interface Verdicts {
  readonly pass: number;
  readonly fail: number;
  readonly exempt: number;
  readonly notEvaluated: number;
}

const NONE: Verdicts = { pass: 0, fail: 0, exempt: 0, notEvaluated: 0 };

/** As in `compliance.csv`: what could not be read of a whole cluster is no scope to tally, and still not evaluated. */
function verdictsByCheck({ clusters, input }: PageFacts): ReadonlyMap<string, Verdicts> {
  const outcomes = clusters.map(checkOutcomes);
  return new Map(
    input.checks.flatMap(({ id }) => {
      const sum = outcomes.reduce<Verdicts>((total, outcomeOf) => {
        const { pass, fail, exempt, notEvaluated } = outcomeOf(id);
        return {
          pass: total.pass + pass,
          fail: total.fail + fail,
          exempt: total.exempt + exempt,
          notEvaluated: total.notEvaluated + notEvaluated,
        };
      }, NONE);
      return Object.values(sum).some((number) => number > 0) ? [[id, sum] as const] : [];
    }),
  );
}

const VERDICTS = ['pass', 'fail', 'exempt', 'not evaluated'].map((title) => ({ title, numeric: true }));

const numbers = ({ pass, fail, exempt, notEvaluated }: Verdicts): readonly Markup[] => [
  html`${thousands(pass)}`,
  fail === 0 ? html`<span class="none">0</span>` : html`<span class="count high">${thousands(fail)}</span>`,
  html`${thousands(exempt)}`,
  notEvaluated === 0
    ? html`<span class="none">0</span>`
    : html`<span class="count gap">${thousands(notEvaluated)}</span>`,
];

/** Checks without any verdict are named below the table. */
export function byCheck(facts: PageFacts): Markup {
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
    ...numbers(verdicts.get(id) ?? NONE),
  ]),
})}${notAsked.length === 0 ? html`` : html`<p>Without a verdict, since the configuration does not ask or nothing was read: ${notAsked.map(({ id }) => id).join(', ')}.</p>\n`}`;
}

/** The numbers of `compliance.csv`, of all clusters together. */
export function byControl(facts: PageFacts): Markup {
  const verdicts = verdictsByCheck(facts);
  const controls = new Map<string, Verdicts & { readonly checks: readonly string[] }>();
  for (const { id, controls: supported } of facts.input.checks) {
    const own = verdicts.get(id);
    if (own === undefined) continue;
    for (const { framework, control } of supported) {
      const key = `${framework}: ${control}`;
      const of = controls.get(key) ?? { ...NONE, checks: [] };
      controls.set(key, {
        pass: of.pass + own.pass,
        fail: of.fail + own.fail,
        exempt: of.exempt + own.exempt,
        notEvaluated: of.notEvaluated + own.notEvaluated,
        checks: [...of.checks, id],
      });
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
