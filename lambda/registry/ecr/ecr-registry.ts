import type { Ecr, EcrFailure, EcrImageId, EcrManifest, EcrManifests } from '../../connect/aws/ecr.ts';
import { LAYER_MISSING, MANIFEST_MISSING, REPOSITORY_MISSING } from '../../connect/aws/ecr.ts';
import { codeOf } from '../../connect/aws/errors.ts';
import { oneLine } from '../../connect/text.ts';
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

  /** `null`: there is no such repository. */
  const load = async (ids: readonly EcrImageId[]): Promise<EcrManifests | null> => {
    signal?.throwIfAborted();
    try {
      return await ecr.manifests(name, ids);
    } catch (error) {
      if (codeOf(error) === REPOSITORY_MISSING) return null;
      throw explain('ecr:BatchGetImage', error);
    }
  };
  const manifest = async (reference: string): Promise<Manifest | null> => {
    const isDigest = reference.startsWith('sha256:');
    const loaded = await load([isDigest ? { imageDigest: reference } : { imageTag: reference }]);
    const what = `${repository}${isDigest ? '@' : ':'}${reference}`;
    return loaded && manifestIn(loaded.found[0], loaded.failures[0], what);
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
            const found = all?.found.find((image) => image.digest === digest);
            const failure = all?.failures.find((image) => image.digest === digest);
            return all && manifestIn(found, failure, `${repository}@${digest}`);
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
 * What is not handed out does not have to be missing: only one code says so.
 * @returns `null`: it does not exist
 * @throws ReadError for what may exist
 */
function manifestIn(
  found: EcrManifest | undefined,
  failure: EcrFailure | undefined,
  what: string,
): Manifest | null {
  if (found !== undefined) return parsed(found, what);
  if (failure?.code === MANIFEST_MISSING) return null;
  const { code, reason } = failure ?? { code: 'no answer', reason: '' };
  throw new ReadError(
    code === 'UpstreamAccessDenied' ? 'forbidden' : 'server-error',
    `ECR does not hand out the manifest ${what} (${oneLine([code, reason].filter(Boolean).join(': '), 200)}).`,
    'Ask for it with aws ecr batch-get-image: the key of the repository, its upstream or its archive may be what is missing.',
  );
}

/**
 * Its digest is what ECR says, whose answers are authentic by TLS.
 * @throws ReadError for a manifest that is none
 */
function parsed({ text, mediaType, digest }: EcrManifest, what: string): Manifest {
  try {
    return { ...parseManifest(text, mediaType), digest };
  } catch {
    throw new ReadError(
      'malformed-object',
      `ECR answered with something else than a manifest for ${what}.`,
      'Look for a proxy between here and ECR, and at the image itself.',
    );
  }
}
