import { shortenedText } from '../../shortened.ts';
import { count } from '../../words.ts';
import { section } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import type { PageFacts } from '../page-facts.ts';
import type { PageInput } from '../page-input.ts';
import { inWhatWasDecided } from '../page-words.ts';

/** Where the script of the page puts the table of all findings. */
export function findingsSection({ clusters, input, news, summary }: PageFacts): Markup {
  const shortened = shortenedText(clusters, news);
  const rows = clusters.reduce((sum, { findings }) => sum + findings.length, 0);
  return section({ id: 'findings', title: 'All findings' }, [
    ...(shortened === null ? [] : [html`<p class="warning">${shortened}</p>\n`]),
    rows === 0
      ? html`<p>There is no finding${inWhatWasDecided(summary)}</p>\n`
      : html`<div id="app"><p>${whereAll(rows, input)}</p></div>\n`,
  ]);
}

/** Where who has no script finds the rows. */
function whereAll(rows: number, { digest, of = 'run' }: PageInput): string {
  const folder = `runs/${digest.run.run.id}`;
  if (of === 'one')
    return `All ${count(rows, 'finding')} as a table: findings.csv in the folder of this page.`;
  return of === 'clusters'
    ? `The findings of each cluster: report.html and findings.csv in the folder of the cluster, below ${folder}/clusters.`
    : `All ${count(rows, 'finding')} as a table: findings.csv in the folder of the run, ${folder}.`;
}
