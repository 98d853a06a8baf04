import type { Ecr, EcrImage, EcrRepository } from '../../connect/aws/ecr.ts';
import type { Inspector } from '../../connect/aws/inspector.ts';
import { type Read, type RegistryLevel, reaches, type Unanswered } from '../../inventory/images.ts';
import type { Asker } from '../ask.ts';
import type { KnownNow } from '../known.ts';
import type { SbomSink } from '../registry.ts';
import type { ScanSource } from './scans.ts';

/** An account's registry in one region, and on whose behalf it is asked. */
export interface EcrSource {
  readonly ecr: Ecr;
  /** Opened only where Inspector scans. */
  readonly inspector: () => Inspector;
  readonly asker: Asker;
  readonly level: RegistryLevel;
  readonly scans: 'auto' | 'off';
  readonly known: KnownNow;
  readonly sbomSink?: SbomSink | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a registry says of itself. */
export interface RegistryFacts {
  /** By name; `null`: it does not exist. */
  readonly repository: (name: string) => Read<EcrRepository | null>;
  /** Of repositories that pull-through caches fill. */
  readonly cachePrefixes: Read<readonly string[]>;
  readonly scanning: ScanSource;
}

/** What a repository says of the images that were asked for. */
export type Described =
  | { readonly images: readonly EcrImage[] }
  | { readonly missing: true }
  | { readonly unread: Unanswered };

/** As facts are kept by: the same whatever host a reference names it by. */
export const nameOf = ({ accountId, region }: Asker, repository: string): string =>
  `ecr/${accountId}/${region}/${repository}`;

export const readsManifests = ({ level }: Pick<EcrSource, 'level'>): boolean =>
  reaches(level, 'sbom-presence');
