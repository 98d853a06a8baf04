import type { OciApi } from '../../connect/oci/oci-api.ts';
import { ReadError } from '../../errors.ts';
import { notThere, verified } from '../download.ts';
import { descriptors, MOST_MANIFEST_BYTES, parseManifest } from '../manifest.ts';
import type { ImageRegistry, Manifest } from '../registry.ts';

/** All that a manifest may be; registries convert to what is accepted alone. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** An {@link ImageRegistry} that can also say what a tag points at without reading it. */
export interface OciImageRegistry extends ImageRegistry {
  /** By HEAD, which Docker Hub does not count. @returns `null`: it is not there */
  head(reference: string): Promise<{ readonly digest: string; readonly mediaType: string | null } | null>;
}

const isDigest = (reference: string): boolean => reference.includes(':');

/** One repository by the API of the distribution specification. Each manifest is asked for once. */
export function ociRepository(api: OciApi, name: string): OciImageRegistry {
  const repository = `${api.host}/${name}`;
  const manifests = new Map<string, Promise<Manifest | null>>();
  const read = async (reference: string): Promise<Manifest | null> => {
    const answer = await api.ask({
      repository: name,
      path: `manifests/${reference}`,
      accept: MANIFESTS,
      mostBytes: MOST_MANIFEST_BYTES,
    });
    if (answer.status === 404) return null;
    const what = `${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
    if (isDigest(reference)) verified(answer.body, reference, what);
    return understood(what, () => parseManifest(answer.body, answer.header('content-type')));
  };
  return {
    repository,
    manifest(reference) {
      const known = manifests.get(reference) ?? read(reference);
      manifests.set(reference, known);
      return known;
    },
    async head(reference) {
      const answer = await api.ask({
        repository: name,
        path: `manifests/${reference}`,
        method: 'HEAD',
        accept: MANIFESTS,
        mostBytes: 0,
      });
      if (answer.status === 404) return null;
      const digest = answer.header('docker-content-digest');
      if (digest !== null) return { digest, mediaType: answer.header('content-type') };
      const manifest = await this.manifest(reference);
      return manifest === null ? null : { digest: manifest.digest, mediaType: manifest.mediaType };
    },
    async referrers(digest) {
      const answer = await api.ask({
        repository: name,
        path: `referrers/${digest}`,
        accept: ['application/vnd.oci.image.index.v1+json'],
        mostBytes: MOST_MANIFEST_BYTES,
      });
      // Registries of before version 1.1 of the specification do not know it.
      if (answer.status === 404) return null;
      // A further page would be in a header.
      if (answer.header('link') !== null) throw morePages(repository, digest);
      return understood(`the referrers of ${repository}@${digest}`, () =>
        descriptors(JSON.parse(Buffer.from(answer.body).toString('utf8'))),
      );
    },
    async blob(digest, { mostBytes }) {
      const answer = await api.ask({ repository: name, path: `blobs/${digest}`, mostBytes });
      if (answer.status === 404) throw notThere(`${repository}@${digest}`);
      return verified(answer.body, digest, `${repository}@${digest}`);
    },
  };
}

function understood<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new ReadError(
      'malformed-object',
      `The registry answered with something else than ${what}.`,
      'Look for a proxy between here and the registry.',
    );
  }
}

const morePages = (repository: string, digest: string): ReadError =>
  new ReadError(
    'too-large',
    `So many artifacts refer to ${repository}@${digest} that the registry lists them in pages, which are not read.`,
    'Remove artifacts that are no longer needed, such as old signatures.',
  );
