import { causeObjectText } from '../findings/cause.ts';
import { CAUSE_WORDS } from '../findings/cause-words.ts';
import type { Remaining } from '../findings/fold-causes.ts';
import { count, listed, thousands } from './words.ts';

/** `7 findings`; `5 of 7 findings` where the change leaves some. */
export const resolvedText = (findings: number, resolves: number): string =>
  resolves === findings
    ? count(findings, 'finding')
    : `${thousands(resolves)} of ${count(findings, 'finding')}`;

const MOST_NAMED = 2;

/**
 * `4 remain: namespace shop (no egress policy)`, as an end of a sentence that may hold names from the cluster.
 * @returns `null` where nothing remains
 */
export function remainsText(remains: readonly Remaining[]): string | null {
  if (remains.length === 0) return null;
  const total = remains.reduce((sum, { findings }) => sum + findings, 0);
  const reasons = remains.map(
    ({ cause: { kind, object } }) => `${causeObjectText(object).replace(/\.$/, '')} (${CAUSE_WORDS[kind]})`,
  );
  return `${thousands(total)} ${total === 1 ? 'remains' : 'remain'}: ${listed(reasons, MOST_NAMED)}`;
}
