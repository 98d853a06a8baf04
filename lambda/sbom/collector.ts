import { isKept } from './json-value.ts';
import { type Described, SBOM_LIMITS, type SbomPackage, type SbomReading } from './package.ts';
import { type Purl, parsePurl } from './purl.ts';

/** What a reader of one format finds of a package; no name at all is a fault of the document. */
export interface FoundPackage {
  readonly name: string | null;
  readonly version: string | null;
  readonly purl: string | null;
  /**
   * What documents list beside the contents of an image, and without which they list nothing: the image itself (`subject`), or what it
   * is made of as a whole (`base`), such as a distribution.
   */
  readonly part?: 'subject' | 'base' | undefined;
  /** Digests of the image that its checksums say. */
  readonly digests?: readonly string[];
}

/** What a reader finds in a document. */
export type FoundContents = Pick<SbomReading, 'packages' | 'problem' | 'describes'>;

type Problem = NonNullable<SbomReading['problem']>;

/** Why a document that refers to others is no whole list. */
export const LEFT_TO_OTHERS = 'it leaves packages to other documents';

/** Types of purls of images. https://github.com/package-url/purl-spec/blob/main/purl-types-index.json */
const IMAGES: ReadonlySet<string> = new Set(['oci', 'docker']);

const DIGEST = /^sha256:[0-9a-f]{64}$/i;

/** Gathers the packages of a document within the limits, and remembers the first thing that is wrong with it. */
export interface PackageCollector {
  /** @returns whether more can be taken */
  add(found: FoundPackage): boolean;
  /** The document, or a part of it, is not what its format asks for. */
  malformed(what: string): void;
  /** The document says itself that it does not list everything. */
  incomplete(what: string): void;
  result(): FoundContents;
}

export function collectPackages(): PackageCollector {
  const packages: SbomPackage[] = [];
  let problem: Problem | null = null;
  let contents = 0;
  const digests = new Set<string>();
  const architectures = new Set<string>();
  const describe = (purl: Purl | null, texts: readonly (string | null)[]): void => {
    for (const text of [purl?.version ?? null, ...texts]) {
      if (text !== null && DIGEST.test(text)) digests.add(text.toLowerCase());
    }
    if (purl?.arch) architectures.add(purl.arch.toLowerCase());
  };
  const note = (kind: Problem['kind'], message: string): void => {
    problem ??= { kind, message };
  };
  return {
    add({ name, version, purl, part, digests: sums = [] }) {
      if (packages.length >= SBOM_LIMITS.packages) {
        note('too-many-packages', `it lists more than ${SBOM_LIMITS.packages.toLocaleString('en')} packages`);
        return false;
      }
      if (!isKept(name) || !isKept(version) || !isKept(purl)) {
        note(
          'malformed',
          `a package has a name, version or purl of more than ${SBOM_LIMITS.text} characters`,
        );
        return true;
      }
      const parsed = purl === null ? null : parsePurl(purl);
      const own = name ?? parsed?.name ?? null;
      if (own === null) {
        note('malformed', 'one of its packages has no name');
        return true;
      }
      if (part === undefined && !IMAGES.has(parsed?.type ?? '')) contents++;
      if (part === 'subject') describe(parsed, [version, ...sums]);
      packages.push({
        name: own,
        version: versionOf(version, parsed),
        purl,
        type: parsed?.type ?? null,
        namespace: parsed?.namespace ?? null,
        purlName: parsed?.name ?? null,
        upstream: parsed?.upstream ?? null,
      });
      return true;
    },
    malformed: (what) => note('malformed', what),
    incomplete: (what) => note('incomplete', what),
    result() {
      if (contents === 0) note('no-packages', 'it lists no package');
      const describes: Described = { digests: [...digests], architectures: [...architectures] };
      return { packages, problem, describes };
    },
  };
}

/**
 * What the document says, else the purl. The version of an RPM has its epoch in a purl's qualifier, and tools differ in
 * whether they repeat it. https://github.com/package-url/purl-spec/blob/main/types-doc/rpm-definition.md
 */
function versionOf(version: string | null, purl: ReturnType<typeof parsePurl>): string | null {
  const own = version ?? purl?.version ?? null;
  if (own === null || purl?.type !== 'rpm' || purl.epoch === null || /^\d+:/.test(own)) return own;
  return `${purl.epoch}:${own}`;
}
