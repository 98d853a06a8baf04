import { join } from 'node:path';
import { cached } from './build-cache.ts';
import { REGISTRY_MODULE, requireGo } from './go-modules.ts';

/** Registries, and the programs that people fill them with. */
export interface RegistryBinaries {
  /** Serves a registry with the list of referrers; see registry/cmd/oci-registry. */
  readonly registry: string;
  /** `crane registry serve` is a registry without that list. */
  readonly crane: string;
  readonly oras: string;
}

/**
 * Builds the registries of the tests from source, once.
 *
 * @throws one sentence when that is not possible.
 */
export async function ensureRegistryBinaries(): Promise<RegistryBinaries> {
  const go = await requireGo();
  const folder = await cached({
    name: 'registry',
    files: [...REGISTRY_MODULE.versionFiles, ...(await REGISTRY_MODULE.sources())],
    inputs: [go],
    announcement: 'Building two image registries and oras from source, which takes a minute.',
    make: async (folder) => {
      const build = REGISTRY_MODULE.builderInto(folder);
      await build('oci-registry', './cmd/oci-registry');
      await build('crane', 'github.com/google/go-containerregistry/cmd/crane');
      await build('oras', 'oras.land/oras/cmd/oras');
    },
  });
  return {
    registry: join(folder, 'oci-registry'),
    crane: join(folder, 'crane'),
    oras: join(folder, 'oras'),
  };
}
