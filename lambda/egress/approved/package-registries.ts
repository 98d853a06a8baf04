import { spend } from '../../work.ts';
import { admitsUnder, type HostMatch, type ReadPattern, readDomain, readPattern } from '../sets/hosts.ts';
import { AMAZON } from './registries/amazon.ts';
import { DATABASES } from './registries/databases.ts';
import { DISTRIBUTIONS } from './registries/distributions.ts';
import { FORGES } from './registries/forges.ts';
import { JAVA } from './registries/java.ts';
import { LANGUAGES } from './registries/languages.ts';
import type { PackageRegistry } from './registries/package-registry.ts';
import { VENDORS } from './registries/vendors.ts';

/**
 * Public package registries, distribution mirrors, source forges and places from which tools are
 * downloaded, from each tool's own documentation or default configuration. Only names whose purpose this
 * is: general object storage, page hosting and registries of container images are left out, since a
 * running pod does not install those (ghcr.io is in, since Homebrew installs from it). The configuration
 * adds others (`egress.packageRegistries`).
 */
export const PACKAGE_REGISTRIES: readonly PackageRegistry[] = [
  ...DISTRIBUTIONS,
  ...AMAZON,
  ...LANGUAGES,
  ...JAVA,
  ...FORGES,
  ...VENDORS,
  ...DATABASES,
];

/** The names of the registries of which the rule admits some host, each once. */
export function registriesAdmitted(
  host: Pick<HostMatch, 'host' | 'wildcard'>,
  registries: readonly PackageRegistry[] = PACKAGE_REGISTRIES,
): readonly string[] {
  const index = indexes.get(registries) ?? indexOf(registries);
  indexes.set(registries, index);
  const pattern = readPattern(host);
  const compared = candidates(index, pattern);
  spend(1 + compared.length * OF_A_COMPARISON);
  const admitted = compared.filter(({ domain }) => admitsUnder(pattern, domain));
  const places = new Set(admitted.map(({ place }) => place));
  return [...places].sort((a, b) => a - b).flatMap((place) => registries[place]?.name ?? []);
}

/** A domain with the place of its registry in the list. */
interface Entry {
  readonly place: number;
  readonly domain: ReadPattern;
}

/** A policy may name thousands of hosts, and nearly all of them end otherwise than any registry. */
interface Index {
  readonly all: readonly Entry[];
  /** By the last two labels. */
  readonly byEnd: ReadonlyMap<string, readonly Entry[]>;
  /** Those of which these are not known. */
  readonly others: readonly Entry[];
  /** The labels of the domain that has the fewest. */
  readonly fewest: number;
}

const indexes = new WeakMap<readonly PackageRegistry[], Index>();

/** Of a step: most patterns differ in their ends, which is seen at once. */
const OF_A_COMPARISON = 1 / 16;

function indexOf(registries: readonly PackageRegistry[]): Index {
  const all = registries.flatMap(({ domains }, place) =>
    domains.map((domain): Entry => ({ place, domain: readDomain(domain) })),
  );
  const byEnd = Map.groupBy(all, ({ domain }) => endOf(domain));
  const others = byEnd.get(null) ?? [];
  const known = [...byEnd].flatMap(([end, entries]) => (end === null ? [] : [[end, entries] as const]));
  const fewest = Math.min(...all.map(({ domain }) => domain.inLabels?.labels.length ?? 1));
  return { all, byEnd: new Map(known), others, fewest };
}

function candidates({ all, byEnd, others, fewest }: Index, pattern: ReadPattern): readonly Entry[] {
  const end = endOf(pattern);
  if (end !== null)
    return others.length === 0 ? (byEnd.get(end) ?? []) : [...(byEnd.get(end) ?? []), ...others];
  const { inLabels } = pattern;
  // Names of so few labels are under none.
  return inLabels !== null && !inLabels.deep && inLabels.labels.length < fewest ? [] : all;
}

/** The last two labels, if there are two that are no patterns. */
function endOf({ text, end, wildcard }: ReadPattern): string | null {
  const last = end.lastIndexOf('.');
  const next = last <= 0 ? -1 : end.lastIndexOf('.', last - 1);
  if (next >= 0) return end.slice(next + 1);
  return last >= 0 && end === text && wildcard !== 'dots' ? end : null;
}
