import { type Cause, type CauseObject, causeObjectText } from '../findings/cause.ts';
import { CAUSE_WORDS } from '../findings/cause-words.ts';
import type { Finding } from '../findings/finding.ts';
import { writtenText } from '../findings/written.ts';

/** What makes a cause worse than its object says; it is a reason to come first, and no cause of its own. */
const WORSE: ReadonlyMap<string, string> = new Map([['runtime-library-update', 'can replace its libraries']]);

/** The object to change, without its part: `namespace legacy`. */
export const objectText = ({ object }: Pick<Cause, 'object'>): string =>
  object.kind === 'Cluster' ? 'the cluster' : causeObjectText({ ...object, part: null });

/** What people need to know of a cause. */
export interface SaidCause {
  readonly cause: Pick<Cause, 'kind' | 'object'>;
  readonly findings: readonly Finding[];
  /** Whether one of its containers has drifted, by measurement. */
  readonly drifted?: boolean;
}

/**
 * What is wrong with it, the worst first: `can replace its libraries: writable root filesystem (container app)`; empty
 * where the object says it.
 */
export function whatText({ cause: { kind, object }, findings, drifted = false }: SaidCause): string {
  // Of rows without a cause the part is their check, and of clusters it is a sentence.
  if ((kind === 'unknown' || object.kind === 'Cluster') && object.part !== null)
    return object.part.replace(/\.$/, '');
  if (kind === 'drifted') return driftedText(object, findings);
  const worse = findings.map(({ check }) => WORSE.get(check)).find((text) => text !== undefined);
  const part = object.part === null ? '' : ` (${object.part})`;
  const words = `${CAUSE_WORDS[kind]}${part}`;
  // Both facts together are the reason to come first; otherwise what to change is, and the drift has a row of its own.
  if (worse !== undefined) return `${drifted ? `${CAUSE_WORDS.drifted}, ` : ''}${worse}: ${words}`;
  return drifted ? `${words}, ${CAUSE_WORDS.drifted}` : words;
}

/** What was measured is the reason: `wrote 48 MiB since 12 Nov (container app)`. */
function driftedText({ part }: CauseObject, findings: readonly Finding[]): string {
  const written = findings.map(({ evidence }) => writtenText(evidence)).find((text) => text !== null);
  const words = written ?? CAUSE_WORDS.drifted;
  return part === null ? words : `${words} (${part})`;
}

/** Both, for a page about one cluster; not yet safe for a terminal or a mail. */
export function causeText(said: SaidCause): string {
  const { cause } = said;
  const what = whatText(said);
  if (what === '') return objectText(cause);
  return cause.object.kind === 'Cluster' ? what : `${objectText(cause)}: ${what}`;
}
