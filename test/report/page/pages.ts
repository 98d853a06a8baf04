import { CATALOGUE } from '../../../lambda/checks/catalogue.ts';
import { defaultConfig } from '../../../lambda/config/load.ts';
import type { DigestInput } from '../../../lambda/report/digest-input.ts';
import type { PageInput } from '../../../lambda/report/page/page-input.ts';
import { reportPage } from '../../../lambda/report/page/report-page.ts';
import { rankFindings } from '../../../lambda/run/conclude.ts';

/** What a page is made from, given what the mail of the run is made from. */
export const pageInput = (digest: DigestInput, rest: Partial<PageInput> = {}): PageInput => ({
  digest,
  ranked: rankFindings(digest.run.clusters, Date.parse(digest.run.run.startedAt)),
  checks: CATALOGUE,
  config: defaultConfig(),
  about: { bundleSha256: null, leftOut: [] },
  trend: [],
  objects: [],
  ...rest,
});

/** The whole page as text. */
export const pageText = (input: PageInput): string => {
  let text = '';
  for (const piece of reportPage(input)) text += piece;
  return text;
};

/** What a reader sees of a part of it: text without tags, one space between words. */
export const seen = (html: string): string =>
  html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();

/** The text of one section. */
export function sectionText(page: string, id: string): string {
  const found = new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(page);
  if (found === null) throw new RangeError(`There is no section ${id}.`);
  return seen(found[0]);
}
