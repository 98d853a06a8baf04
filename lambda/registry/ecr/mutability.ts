import type { EcrRepository } from '../../connect/aws/ecr.ts';
import type { RepositoryFacts } from '../../inventory/images.ts';

/**
 * Whether a tag of a repository can be overwritten. The exclusions of a setting say for which tags the opposite holds.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export function mutabilityOf(
  { mutability, exclusions }: Pick<EcrRepository, 'mutability' | 'exclusions'>,
  tag: string,
): RepositoryFacts['tags'] {
  const excluded = exclusions.some((filter) => matches(filter, tag));
  switch (mutability) {
    case 'MUTABLE':
      return 'mutable';
    case 'IMMUTABLE':
      return 'immutable';
    case 'IMMUTABLE_WITH_EXCLUSION':
      return excluded ? 'mutable' : 'immutable';
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded ? 'immutable' : 'mutable';
    default:
      return 'unknown';
  }
}

/** A filter has `*` for any characters, at most two of them, and matches the whole tag. */
function matches(filter: string, tag: string): boolean {
  const [first = '', ...others] = filter.split('*');
  if (!tag.startsWith(first)) return false;
  if (others.length === 0) return tag === first;
  const last = others.at(-1) ?? '';
  let at = first.length;
  for (const part of others.slice(0, -1)) {
    const found = tag.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return tag.length - last.length >= at && tag.endsWith(last);
}
