import { isOwnedByAws } from '../../../lambda/ownership/publishers.ts';
import { placeOf } from '../../../lambda/registry/place.ts';
import {
  type EcrServerOptions,
  imageOf,
  OCI_IMAGE,
  type StoredImage,
  type StoredRegistry,
  sha256,
} from '../../support/ecr-server.ts';
import { digestOf } from './containers.ts';
import type { Json } from './kubernetes.ts';

const DAY = 86_400_000;

/** Whole seconds, as ECR gives them. */
const ago = (now: number, days: number): number => Math.floor((now - days * DAY) / 1000) * 1000;

/** How an image of the shop differs from the others: all have a current scan and an SBOM, and tags that stay. */
interface Particulars {
  /** Days before now. @defaultValue 25 */
  readonly pushed?: number;
  /** Days before now; `null`: it was never scanned. @defaultValue 1 */
  readonly scanned?: number | null;
  readonly scanState?: string;
  /** What became of its tag. @defaultValue it stays */
  readonly tag?: 'moved' | 'gone';
  /** @defaultValue IMMUTABLE */
  readonly mutability?: string;
  /** @defaultValue an SPDX document */
  readonly sbom?: 'none' | 'cyclonedx' | 'cyclonedx-xml';
  /** A lifecycle policy has deleted it. */
  readonly deleted?: true;
}

/** By repository. */
const PARTICULARS: Readonly<Record<string, Particulars>> = {
  'shop/cart': { tag: 'moved', mutability: 'MUTABLE' },
  'shop/edi-ftp': { pushed: 400, scanned: 390, tag: 'gone' },
  'shop/ledger': { pushed: 210 },
  'shop/search-indexer': { scanned: null, sbom: 'none' },
  'shop/ldap-sync': { deleted: true },
  'shop/newsletter': { scanState: 'UNSUPPORTED_IMAGE' },
  'shop/sftp-bridge': { mutability: 'MUTABLE', sbom: 'none' },
  'shop/recommendations': { sbom: 'cyclonedx' },
  'shop/mailings': { sbom: 'cyclonedx-xml' },
  'analytics/spark-py': { pushed: 160, scanned: 90 },
};

/** What the registries of ECR, by account and region, would hold of the images that these objects name. */
export function sampleRegistries(objects: readonly Json[], now: number): EcrServerOptions['registries'] {
  const images = new Set(
    [...JSON.stringify(objects).matchAll(/"image":"([^"]+)"/g)].map(([, image = '']) => image),
  );
  const placed = [...images].sort().flatMap((image) => {
    const found = placeOf(image);
    return found?.place.kind === 'ecr' && !isOwnedByAws(found.place.accountId)
      ? { ...found, place: found.place, tag: tagIn(image), digest: digestOf(image) }
      : [];
  });
  const byPlace = Map.groupBy(placed, ({ place }) => `${place.accountId}/${place.region}`);
  return Object.fromEntries(
    [...byPlace].map(([place, of]): readonly [string, StoredRegistry] => {
      const repositories = [...Map.groupBy(of, ({ repository }) => repository)].map(
        ([repository, stored]) => {
          const { mutability = 'IMMUTABLE', ...rest } = PARTICULARS[repository] ?? {};
          return [
            repository,
            { mutability, images: stored.flatMap((one) => storedImages(one, { rest, now })) },
          ];
        },
      );
      return [place, { scanType: 'BASIC', repositories: Object.fromEntries(repositories) }];
    }),
  );
}

/** Also beside a digest. */
const tagIn = (image: string): string | undefined => /:([^/@]+)(?:@|$)/.exec(image)?.[1];

function storedImages(
  { tag, digest }: { readonly tag: string | undefined; readonly digest: string },
  { rest, now }: { readonly rest: Particulars; readonly now: number },
): readonly StoredImage[] {
  const { pushed = 25, scanned = 1, scanState = 'COMPLETE', tag: fate, sbom = 'spdx', deleted } = rest;
  const tags = tag === undefined || fate !== undefined ? [] : [tag];
  const moved =
    fate === 'moved' && tag !== undefined
      ? [{ digest: sha256(`${digest} moved`), tags: [tag], pushedAt: ago(now, 2), mediaType: OCI_IMAGE }]
      : [];
  if (deleted) return moved;
  const image: StoredImage = {
    digest,
    tags,
    pushedAt: ago(now, pushed),
    mediaType: OCI_IMAGE,
    ...(scanned === null ? {} : { scan: { status: scanState, completedAt: ago(now, scanned) } }),
    manifest: JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE, config: CONFIG, layers: [] }),
  };
  return [image, ...moved, ...(sbom === 'none' ? [] : [attached(digest, sbom, ago(now, pushed))])];
}

const CONFIG = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: sha256('config'),
  size: 2000,
};

const SBOM_TYPES = {
  spdx: 'application/spdx+json',
  cyclonedx: 'application/vnd.cyclonedx+json',
  'cyclonedx-xml': 'application/vnd.cyclonedx+xml',
} as const;

function attached(digest: string, format: keyof typeof SBOM_TYPES, pushedAt: number): StoredImage {
  const type = SBOM_TYPES[format];
  return imageOf(
    {
      schemaVersion: 2,
      mediaType: OCI_IMAGE,
      artifactType: type,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256('{}'), size: 2 },
      layers: [{ mediaType: type, digest: sha256(`${digest} ${format}`), size: 48_000 }],
      subject: { mediaType: OCI_IMAGE, digest, size: 1500 },
    },
    { pushedAt },
  );
}
