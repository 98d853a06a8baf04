import { type Cause, causeObjectText } from '../findings/cause.ts';
import { CAUSE_WORDS } from '../findings/cause-words.ts';

/** `namespace legacy: no egress policy`, for a page about one cluster; not yet safe for a terminal or a mail. */
export function causeText({ kind, object }: Pick<Cause, 'kind' | 'object'>): string {
  const { part } = object;
  // Of rows without a cause the part is their check, which says more than any word.
  if (kind === 'unknown') return causeObjectText(object);
  const where = causeObjectText({ ...object, part: null });
  return `${where}${part === null ? '' : ` (${part})`}: ${CAUSE_WORDS[kind]}`;
}
