import { type Cause, causeObjectText } from '../findings/cause.ts';
import { CAUSE_WORDS } from '../findings/cause-words.ts';
import type { Finding } from '../findings/finding.ts';

/** What makes a cause worse than its object says; it is a reason to come first, and no cause of its own. */
const WORSE: ReadonlyMap<string, string> = new Map([['runtime-library-update', 'can replace its libraries']]);

/** The object to change, without its part: `namespace legacy`. */
export const objectText = ({ object }: Pick<Cause, 'object'>): string =>
  object.kind === 'Cluster' ? 'the cluster' : causeObjectText({ ...object, part: null });

/**
 * What is wrong with it, the worst first: `can replace its libraries: writable root filesystem (container app)`; empty
 * where the object says it.
 */
export function whatText(
  { kind, object }: Pick<Cause, 'kind' | 'object'>,
  findings: readonly Finding[],
): string {
  // Of rows without a cause the part is their check, and of clusters it is a sentence.
  if ((kind === 'unknown' || object.kind === 'Cluster') && object.part !== null)
    return object.part.replace(/\.$/, '');
  const worse = findings.map(({ check }) => WORSE.get(check)).find((text) => text !== undefined);
  const words = worse === undefined ? CAUSE_WORDS[kind] : `${worse}: ${CAUSE_WORDS[kind]}`;
  return object.part === null ? words : `${words} (${object.part})`;
}

/** Both, for a page about one cluster; not yet safe for a terminal or a mail. */
export function causeText(cause: Pick<Cause, 'kind' | 'object'>, findings: readonly Finding[] = []): string {
  const what = whatText(cause, findings);
  if (what === '') return objectText(cause);
  return cause.object.kind === 'Cluster' ? what : `${objectText(cause)}: ${what}`;
}
