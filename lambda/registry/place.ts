import { parseImageReference } from '../inventory/image-reference.ts';

/** An account's registry of ECR in one region. */
export interface EcrPlace {
  readonly kind: 'ecr';
  readonly accountId: string;
  readonly region: string;
}

/** Any other registry, by the host that its API is asked at. */
export interface OciPlace {
  readonly kind: 'oci';
  /** With its port, where it has one. */
  readonly host: string;
}

/** What a pod's reference asks for, and where. */
export interface PlacedImage {
  readonly place: EcrPlace | OciPlace;
  /** Without the registry. */
  readonly repository: string;
  /** `null` where the reference has a digest, which decides then, also beside a tag. */
  readonly tag: string | null;
  readonly digest: string | null;
}

/**
 * Hosts of private registries of ECR: of IPv4, dual-stack, FIPS, in each partition.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html and
 * https://docs.aws.amazon.com/general/latest/gr/ecr.html; suffixes: botocore, data/partitions.json
 */
const ECR_HOST =
  /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z]{2,}(?:-[a-z]+)+-\d{1,2})\.(?:amazonaws\.(?:com|com\.cn|eu)|on\.(?:aws|amazonwebservices\.(?:com\.cn|eu))|(?:c2s\.ic|sc2s\.sgov|csp\.hci\.ic)\.gov|cloud\.adc-e\.uk)$/;

/**
 * What a repository may be called; other texts would lead elsewhere in the address of a question, such as `../..` or `?`.
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

const DOCKER_HUB = 'docker.io';

/** @returns `null` for what is no reference */
export function placeOf(image: string): PlacedImage | null {
  const reference = parseImageReference(image);
  if (reference === null) return null;
  const { host: written, repository } = splitHost(reference.repository);
  if (!NAME.test(repository)) return null;
  // Names of hosts are the same in capital letters: https://www.rfc-editor.org/rfc/rfc4343
  const host = written.toLowerCase();
  const { digest } = reference;
  const tag = digest === null ? (reference.tag ?? 'latest') : null;
  const { account, region } = ECR_HOST.exec(host)?.groups ?? {};
  const place =
    account === undefined || region === undefined
      ? ({ kind: 'oci', host } as const)
      : ({ kind: 'ecr', accountId: account, region } as const);
  return { place, repository, tag, digest };
}

/**
 * Short names are those of Docker Hub: `nginx` is `docker.io/library/nginx`.
 * Source: https://github.com/distribution/reference (normalize.go, splitDockerDomain)
 */
function splitHost(repository: string): { readonly host: string; readonly repository: string } {
  const slash = repository.indexOf('/');
  const first = slash < 0 ? '' : repository.slice(0, slash);
  const rest = repository.slice(slash + 1);
  if (first === 'index.docker.io' || first === DOCKER_HUB) return ofHub(rest);
  if (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()) {
    return { host: first, repository: rest };
  }
  return ofHub(repository);
}

const ofHub = (repository: string) => ({
  host: DOCKER_HUB,
  repository: repository.includes('/') ? repository : `library/${repository}`,
});

/** As people name it. */
export const registryName = (place: EcrPlace | OciPlace): string =>
  place.kind === 'oci' ? place.host : `ECR of account ${place.accountId} in ${place.region}`;
