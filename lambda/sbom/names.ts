import type { SbomPackage } from './package.ts';

/** What is known of a package by its names. */
export type Named = Pick<SbomPackage, 'name' | 'type' | 'namespace' | 'purlName' | 'upstream'>;

/**
 * Under which names a package is found in the index: mostly one; others where its document and its purl differ, and its
 * source package. The last part
 * of a path counts, so that whoever looks for `log4j-core`, `org.apache.logging.log4j:log4j-core` or
 * `org.apache.logging.log4j/log4j-core` looks in the same place.
 */
export function keysOf({ name, namespace, purlName, upstream }: Named): readonly string[] {
  const names = [
    name,
    ...(purlName === null ? [] : [namespace === null ? purlName : `${namespace}/${purlName}`]),
    ...(upstream === null ? [] : [upstream]),
  ];
  return [...new Set(names.map(keyOfName))];
}

/** The key of one name, in whatever way it is written. */
export function keyOfName(name: string): string {
  const parts = name.split(/[/:]/).filter((part) => part !== '');
  const last = parts.at(-1) ?? name;
  // Of Go modules from their second major version on: https://go.dev/ref/mod#major-version-suffixes
  const major = MAJOR.test(last) && parts.length > 1;
  return folded((major ? parts.at(-2) : undefined) ?? last);
}

const MAJOR = /^v\d+$/;

/** As PyPI compares names (https://packaging.python.org/en/latest/specifications/name-normalization/). */
export const folded = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

/** All names that a person may use for a package, in lower case. */
export function namesOf({ name, type, namespace, purlName, upstream }: Named): readonly string[] {
  const paths = [
    name,
    ...(purlName === null ? [] : [namespace === null ? purlName : `${namespace}/${purlName}`]),
  ];
  const names = paths.flatMap((path) => {
    // Whoever looks for a Go module without its major version means all of them.
    const whole = type === 'golang' || type === null ? path.replace(/\/v\d+$/, '') : path;
    return [path, whole, ...[path, whole].map((one) => one.slice(one.lastIndexOf('/') + 1))];
  });
  if (purlName !== null && namespace !== null) names.push(`${namespace}:${purlName}`);
  if (purlName !== null) names.push(purlName);
  // Advisories of distributions are about source packages.
  if (upstream !== null) names.push(upstream, ...(namespace === null ? [] : [`${namespace}/${upstream}`]));
  // `group:name`, as documents about Java write it.
  names.push(name.slice(name.lastIndexOf(':') + 1));
  return [...new Set(names.map((one) => one.toLowerCase()))];
}

/** Whether a package may be meant by a name: PyPI makes no difference between `-`, `_` and `.`; unknown types may be PyPI's. */
export function isNamed(one: Named, asked: string): boolean {
  const wanted = asked.toLowerCase();
  const names = namesOf(one);
  if (names.includes(wanted)) return true;
  if (one.type !== 'pypi' && one.type !== null) return false;
  return names.some((name) => folded(name) === folded(wanted));
}
