/** What the text of an image reference says. */
export interface ImageReference {
  /** Without tag and digest, e.g. `registry.example.com:5000/team/app`. */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/**
 * Splits `[registry[:port]/]path[:tag][@digest]`. `null` when it is not a reference.
 * Grammar: https://github.com/distribution/reference (reference.go). A colon before the last slash
 * belongs to the registry's port, not to a tag.
 */
export function parseImageReference(image: string): ImageReference | null {
  const at = image.indexOf('@');
  const digest = at < 0 ? null : image.slice(at + 1);
  const rest = at < 0 ? image : image.slice(0, at);
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  const tag = colon < 0 ? null : rest.slice(colon + 1);
  const repository = colon < 0 ? rest : rest.slice(0, colon);
  if (repository === '' || /\s/.test(repository)) return null;
  if (digest !== null && !DIGEST.test(digest)) return null;
  if (tag !== null && !TAG.test(tag)) return null;
  return { repository, tag, digest };
}
