import type { Ecr, EcrImageId, EcrManifest } from '../../connect/aws/ecr.ts';
import { LAYER_MISSING, REPOSITORY_MISSING } from '../../connect/aws/ecr.ts';
import { codeOf } from '../../connect/aws/errors.ts';
import { ReadError } from '../../errors.ts';
import type { RegistryActionName } from '../actions.ts';
import { type Asker, refusal, repositoryArn } from '../ask.ts';
import { download, notThere } from '../download.ts';
import { parseManifest } from '../manifest.ts';
import type { ImageRegistry, Manifest } from '../registry.ts';

/** An {@link ImageRegistry} that can be told in advance what will be asked for, many at once. */
export interface EcrImageRegistry extends ImageRegistry {
  prefetch(digests: readonly string[]): Promise<void>;
}

export interface EcrRepositoryOptions {
  readonly ecr: Ecr;
  readonly asker: Asker;
  /** Without the registry. */
  readonly name: string;
  /** As references name it. */
  readonly repository: string;
  readonly signal?: AbortSignal | undefined;
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html */
const MOST_IDS = 100;

/**
 * One repository of ECR by its own API: its rights are the same as those of pulling by OCI, and it needs no token.
 * Each manifest is asked for once.
 */
export function ecrRepository(options: EcrRepositoryOptions): EcrImageRegistry {
  const { ecr, asker, name, repository, signal } = options;
  const manifests = new Map<string, Promise<Manifest | null>>();
  const explain = (action: RegistryActionName, error: unknown): ReadError =>
    refusal(error, asker, { action, repository: name });

  const load = async (ids: readonly EcrImageId[]): Promise<readonly EcrManifest[]> => {
    signal?.throwIfAborted();
    try {
      return await ecr.manifests(name, ids);
    } catch (error) {
      if (codeOf(error) === REPOSITORY_MISSING) return [];
      throw explain('ecr:BatchGetImage', error);
    }
  };
  const manifest = async (reference: string): Promise<Manifest | null> => {
    const isDigest = reference.startsWith('sha256:');
    const [found] = await load([isDigest ? { imageDigest: reference } : { imageTag: reference }]);
    return found === undefined ? null : parsed(found, repository);
  };
  return {
    repository,
    manifest(reference) {
      const known = manifests.get(reference) ?? manifest(reference);
      manifests.set(reference, known);
      return known;
    },
    async prefetch(digests) {
      const wanted = digests.filter((digest) => !manifests.has(digest));
      for (let from = 0; from < wanted.length; from += MOST_IDS) {
        const some = wanted.slice(from, from + MOST_IDS);
        const loaded = load(some.map((imageDigest) => ({ imageDigest })));
        for (const digest of some) {
          const one = loaded.then((all) => {
            const found = all.find((image) => image.digest === digest);
            return found === undefined ? null : parsed(found, repository);
          });
          // Whoever asks for it hears of it.
          one.catch(() => undefined);
          manifests.set(digest, one);
        }
        await loaded.catch(() => undefined);
      }
    },
    async referrers(digest) {
      signal?.throwIfAborted();
      try {
        const found = await ecr.referrers(name, digest);
        return found.map((one) => ({ ...one, platform: null }));
      } catch (error) {
        if (codeOf(error) === REPOSITORY_MISSING) return [];
        // The right that it needs is that of BatchGetImage (API_ListImageReferrers).
        throw explain('ecr:BatchGetImage', error);
      }
    },
    async blob(digest, { mostBytes }) {
      signal?.throwIfAborted();
      let url: string;
      try {
        url = await ecr.blobUrl(name, digest);
      } catch (error) {
        if (LAYER_MISSING.includes(codeOf(error))) throw notThere(`${repository}@${digest}`);
        throw explain('ecr:GetDownloadUrlForLayer', error);
      }
      return download(url, { digest, mostBytes, signal, of: repositoryArn(asker, name) });
    },
  };
}

/**
 * Its digest is what ECR says, whose answers are authentic by TLS.
 * @throws ReadError for a manifest that is none
 */
function parsed({ text, mediaType, digest }: EcrManifest, repository: string): Manifest {
  try {
    return { ...parseManifest(text, mediaType), digest };
  } catch {
    throw new ReadError(
      'malformed-object',
      `ECR answered with something else than a manifest for ${repository}@${digest}.`,
      'Look for a proxy between here and ECR, and at the image itself.',
    );
  }
}
