import type { Descriptor } from '../registry/registry.ts';
import type { Described } from '../sbom/package.ts';

/** What a document was attached to, and what it says that it is about. */
export interface CoveringDocument {
  /** The digest to which it was attached. */
  readonly subject: string;
  /** Of the statement around it. */
  readonly subjects: readonly string[] | null;
  readonly describes: Described;
}

/**
 * Which images of an index have no SBOM, in a sentence; `null`: none, or it is no index. A document at the index is of
 * whichever platforms it says: tools scan the platform that they run on, and people attach the result to the tag.
 *
 * @param images of the index that nodes can run; `null`: they could not be read
 */
export function uncovered(
  digest: string,
  documents: readonly CoveringDocument[],
  images: readonly Descriptor[] | null,
): string | null {
  if (images === null) return 'Which platforms the image has could not be read.';
  if (images.length === 0) {
    const isOwn = documents.some(({ subject }) => subject === digest);
    return isOwn ? null : 'The image names no platform that a node can run.';
  }
  const covered = documents.map((document) =>
    document.subject === digest ? platformsOf(document, images) : [document.subject],
  );
  const known = new Set(covered.flatMap((platforms) => platforms ?? []));
  const missing = images.filter((image) => !known.has(image.digest)).length;
  if (missing === 0) return null;
  const have = missing === 1 ? 'has' : 'have';
  const all = `${images.length} platforms`;
  return covered.includes(null)
    ? `An SBOM of its index does not say which of its ${all} it describes, and ${missing} of them ${have} no other one.`
    : `${missing} of its ${all} ${have} no SBOM.`;
}

/**
 * By digest, as statements and the SPDX of Syft say it, else by architecture, as purls of images do; `null`: the
 * document says neither. https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
 */
function platformsOf(
  { subjects, describes: { digests, architectures } }: CoveringDocument,
  images: readonly Descriptor[],
): readonly string[] | null {
  if (images.length === 1) return images.map(({ digest }) => digest);
  const said = new Set([...(subjects ?? []), ...digests]);
  const named = images.filter(({ digest }) => said.has(digest));
  if (named.length === 0 && architectures.length === 0) return null;
  const found =
    named.length > 0
      ? named
      : images.filter(({ platform }) => platform !== null && architectures.includes(platform.architecture));
  return found.map(({ digest }) => digest);
}
