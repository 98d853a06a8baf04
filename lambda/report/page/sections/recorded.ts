import { shellWord } from '../../../fixes/shell.ts';
import { WHY_LEFT_OUT } from '../../left-out.ts';
import { PROGRAM } from '../../own-commands.ts';
import { thousands } from '../../words.ts';
import { command, list } from '../components.ts';
import { html, type Markup } from '../markup.ts';
import type { PageFacts } from '../page-facts.ts';
import type { PageLeftOut } from '../page-input.ts';

/** Clusters and accounts before the rest is counted. */
const LEFT_OUT = 50;

/** Pairs for the list of the scope: which program ran, and which clusters it left out, as `run.json` says. */
export function recordFacts({ input: { about } }: PageFacts): Markup {
  if (about === null) return html``;
  const { bundleSha256, leftOut } = about;
  return html`<div><dt>Program, SHA-256</dt><dd>${bundleSha256 === null ? 'not known: it did not run from a bundle' : html`<code>${bundleSha256}</code>`}</dd></div>
<div><dt>Left out</dt><dd>${leftOut.length === 0 ? 'none' : leftOutList(leftOut)}</dd></div>
`;
}

const leftOutList = (
  leftOut: readonly PageLeftOut[],
): Markup => html`${thousands(leftOut.length)} of the clusters and accounts that were found
${list([
  ...leftOut
    .slice(0, LEFT_OUT)
    .map(
      ({ name, arn, reason }) =>
        html`${arn === null ? name : html`<code>${arn}</code>`}: ${WHY_LEFT_OUT[reason]}`,
    ),
  ...(leftOut.length > LEFT_OUT
    ? [html`and ${thousands(leftOut.length - LEFT_OUT)} more, all of them in run.json`]
    : []),
])}`;

/** How to prove that nothing of the record was changed since. */
export const verification = ({ input: { digest } }: PageFacts): Markup => html`<h3>Verification</h3>
<p>This page can prove nothing about itself. This command compares each object with its hash and each run with the one before it; give it the public key of the signing key (--key FILE) where runs are signed, and the hash of the manifest from the mail of this run (--expect HASH).</p>
${command(`${PROGRAM} verify ${digest.run.run.id} --store ${storeOf(digest.reportLocation)}`)}`;

/** What is before the key of the page is the place of the store. */
function storeOf(location: string | null): string {
  if (location === null) return 's3://BUCKET';
  const [, place = ''] = /^(?:(.*?)\/)?runs\/[^/]+\/(?:clusters\/.+\/)?report\.html$/.exec(location) ?? [
    null,
    's3://BUCKET',
  ];
  return shellWord(place === '' ? '.' : place);
}
