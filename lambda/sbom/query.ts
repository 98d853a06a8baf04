import { isNamed, keyOfName, type Named } from './names.ts';
import { type Purl, parsePurl } from './purl.ts';
import { boundOf, compareVersions } from './versions/by-type.ts';

type Operator = '<' | '<=' | '>' | '>=' | '=' | '!=';

/** One condition on a version. All of a range have to hold. */
export interface Bound {
  readonly operator: Operator;
  readonly version: string;
}

/** What a person looks for. */
export interface PackageQuery {
  /** As it was written, without the range. */
  readonly name: string;
  /** Where a purl was given. */
  readonly purl: Purl | null;
  /** Empty: every version. */
  readonly range: readonly Bound[];
}

/** `unknown`: it may be; people have to look. */
export type Match = 'yes' | 'no' | 'unknown';

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
]);

/**
 * Reads `NAME`, `NAME@VERSION`, `NAME@RANGE` and the same with a purl instead of the name. A range is a list of conditions,
 * separated by commas or blanks: `>=2.0,<2.17.1`.
 *
 * @returns a text for the person who wrote it where it is none of these
 */
export function parseQuery(text: string): PackageQuery | string {
  const { asked, epoch } = withoutQualifiers(text.trim());
  // A scope begins with one, so that the first character separates nothing; in a path one follows a slash.
  const at = asked.search(/(?<=[^/])@(?!.*(?<=[^/])@)/);
  const name = (at < 0 ? asked : asked.slice(0, at)).trim();
  if (name === '' || name === '@')
    return 'Give the name of a package or its purl, such as log4j-core or pkg:npm/lodash.';
  const bounds = at < 0 ? [] : parseRange(asked.slice(at + 1));
  if (typeof bounds === 'string') return bounds;
  const range = epoch === null ? bounds : bounds.map((bound) => ofEpoch(bound, epoch));
  if (!name.toLowerCase().startsWith('pkg:')) return { name, purl: null, range };
  const purl = parsePurl(name);
  if (purl === null) {
    return `"${name}" is no package URL; write it as pkg:TYPE/NAMESPACE/NAME, such as pkg:maven/org.apache.logging.log4j/log4j-core.`;
  }
  return { name, purl, range };
}

interface WithoutQualifiers {
  readonly asked: string;
  /** For RPM packages, whose version has none in a purl. */
  readonly epoch: string | null;
}

/**
 * A purl as documents and advisories have it says more behind its version, such as `?arch=x86_64&epoch=1`, and may be percent-encoded;
 * read as a part of the range it would exclude the package that it is of.
 * Source: https://github.com/package-url/purl-spec/blob/main/PURL-SPECIFICATION.rst
 */
function withoutQualifiers(text: string): WithoutQualifiers {
  const [, before = text, qualifiers = ''] = /^(pkg:[^?#]*)(?:\?([^#]*))?(?:#.*)?$/is.exec(text) ?? [];
  const at = before.lastIndexOf('@');
  const isPurl = /^pkg:/i.test(text);
  const asked = isPurl && at > 0 ? `${before.slice(0, at)}${decoded(before.slice(at))}` : before;
  return { asked, epoch: isPurl ? new URLSearchParams(qualifiers).get('epoch') || null : null };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const ofEpoch = ({ operator, version }: Bound, epoch: string): Bound => ({
  operator,
  version: version.includes(':') ? version : `${epoch}:${version}`,
});

function parseRange(text: string): readonly Bound[] | string {
  const bounds: Bound[] = [];
  const pattern = /\s*(?<operator>[<>=!]*)\s*(?<version>[^\s,<>=!]+)\s*,?/y;
  while (pattern.lastIndex < text.length) {
    const from = pattern.lastIndex;
    const { operator = '', version = '' } = pattern.exec(text)?.groups ?? {};
    const known = OPERATORS.get(operator === '' ? '=' : operator);
    if (known === undefined || isPattern(version)) return noRange(text.slice(from).trim() || text);
    bounds.push({ operator: known, version });
  }
  const equal = new Set(bounds.flatMap(({ operator, version }) => (operator === '=' ? version : [])));
  if (equal.size > 1) return noRange(text.trim());
  return bounds.length > 0
    ? bounds
    : "A version or range has to follow the @; write 2.14.1, '<2.17.1' or '>=2.0,<2.17.1'.";
}

/**
 * The ranges of package managers (`^1.0`, `1.x`, `1 - 2`, `<1 || >2`, `[1,2)`) are no versions. Taken for versions they would be
 * none of those that exist, and nothing found would look like an all clear.
 */
const isPattern = (version: string): boolean =>
  version === '' ||
  /^[~^*|-]|[*|"'`]|^\[|\]$|(?:^|\.)[xX](?:$|[.-])/.test(version) ||
  version.includes('(') !== version.includes(')');

const noRange = (text: string): string =>
  `"${text}" is no version or range; write 2.14.1, '<2.17.1' or '>=2.0,<2.17.1': all conditions have to hold, and one search has one range.`;

/** Where in the index packages are that can match. */
export const keyOfQuery = ({ name, purl }: PackageQuery): string =>
  keyOfName(purl === null ? name : pathOf(purl));

const pathOf = ({ namespace, name }: Purl): string => (namespace === null ? name : `${namespace}/${name}`);

/** Whether a package is what the query asks for. What cannot be decided is `unknown`, never `no`. */
export function matchPackage(query: PackageQuery, one: Named & { readonly version: string | null }): Match {
  const named = matchName(query, one);
  if (named === 'no') return 'no';
  const version = matchRange(query.range, one);
  if (version === 'no') return 'no';
  return named === 'yes' && version === 'yes' ? 'yes' : 'unknown';
}

function matchName({ name, purl }: PackageQuery, one: Named): Match {
  if (purl === null) return isNamed(one, name) ? 'yes' : 'no';
  // A document that gives no purl does not say of which ecosystem a package is.
  if (one.type === null) return isNamed(one, purl.name) || isNamed(one, pathOf(purl)) ? 'unknown' : 'no';
  if (one.type !== purl.type) return 'no';
  if (purl.namespace === null) return isNamed(one, purl.name) ? 'yes' : 'no';
  return isNamed(one, pathOf(purl)) ? 'yes' : 'no';
}

function matchRange(
  range: readonly Bound[],
  { type, version }: { readonly type: string | null; readonly version: string | null },
): Match {
  const each = range.map((bound) => matchBound(bound, type, version));
  if (each.includes('no')) return 'no';
  return each.includes('unknown') ? 'unknown' : 'yes';
}

function matchBound({ operator, version: asked }: Bound, type: string | null, version: string | null): Match {
  if (version === null) return 'unknown';
  const bound = operator === '<' || operator === '>=' ? boundOf(type, asked) : asked;
  const difference = version === asked ? 0 : compareVersions(type, version, bound);
  if (difference === null) return 'unknown';
  return holds(operator, difference) ? 'yes' : 'no';
}

function holds(operator: Operator, difference: number): boolean {
  switch (operator) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
  }
}
