import * as z from 'zod';
import type { AwsSettings, CredentialsProvider } from './client.ts';
import { jsonRefusal } from './json-refusal.ts';
import { serviceEndpoint } from './service-endpoint.ts';
import { openSigned } from './signed-requests.ts';

/** What Inspector says of one image in a repository. */
export interface CoveredImage {
  readonly repository: string;
  readonly digest: string;
  /** `ACTIVE` or `INACTIVE`. */
  readonly status: string;
  /** Such as `SUCCESSFUL`, `PENDING_INITIAL_SCAN` or `SCAN_ELIGIBILITY_EXPIRED`. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly lastScannedAt: number | null;
}

export interface Inspector {
  /** The images that Inspector covers in these repositories, at most 10. What fails is thrown; see `awsError`. */
  coverage(repositories: readonly string[]): Promise<readonly CoveredImage[]>;
  close(): void;
}

export type InspectorSettings = AwsSettings & { readonly credentials: CredentialsProvider };

/** https://docs.aws.amazon.com/inspector/v2/APIReference/API_ListCoverage.html */
const PAGE = 200;
export const MOST_REPOSITORIES = 10;
const MOST_PAGES = 500;

/** Times are seconds, as numbers, in the protocol of this service (restJson1). */
const ANSWER = z.object({
  coveredResources: z.array(
    z.object({
      resourceId: z.string(),
      scanStatus: z.object({ statusCode: z.string(), reason: z.string() }).optional(),
      lastScannedAt: z.number().optional(),
    }),
  ),
  nextToken: z.string().nullish(),
});

/** `arn:aws:ecr:REGION:ACCOUNT:repository/NAME/sha256:…`: see `resourceId` of API_CoveredResource. */
const IMAGE = /^arn:[^:]+:ecr:[^:]*:\d{12}:repository\/(?<repository>.+)\/(?<digest>sha256:[0-9a-f]{64})$/;

/**
 * Asks Inspector of one account in one region. The SDK's client for it would add 65 kB to every bundle for the one
 * action that is called, so that its requests are built here.
 */
export function openInspector(settings: InspectorSettings): Inspector {
  const requests = openSigned({
    service: 'inspector2',
    settings,
    endpoint: () => serviceEndpoint('inspector2', settings.region, settings.endpoint),
    contentType: 'application/json',
    refusal: jsonRefusal('Inspector'),
  });
  return {
    async coverage(repositories) {
      const found: CoveredImage[] = [];
      let token: string | null = null;
      for (let page = 0; page < MOST_PAGES; page++) {
        const question = {
          filterCriteria: {
            resourceType: [{ comparison: 'EQUALS', value: 'AWS_ECR_CONTAINER_IMAGE' }],
            ecrRepositoryName: repositories.map((value) => ({ comparison: 'EQUALS', value })),
          },
          maxResults: PAGE,
          ...(token === null ? {} : { nextToken: token }),
        };
        const answer: z.output<typeof ANSWER> = await requests.post(
          '/coverage/list',
          JSON.stringify(question),
          (text) => ANSWER.parse(JSON.parse(text)),
        );
        found.push(...answer.coveredResources.flatMap((one) => coveredImage(one) ?? []));
        token = answer.nextToken ?? null;
        if (token === null) return found;
      }
      throw new Error('the list of covered images does not end');
    },
    close: () => requests.close(),
  };
}

function coveredImage({
  resourceId,
  scanStatus,
  lastScannedAt,
}: z.output<typeof ANSWER>['coveredResources'][number]): CoveredImage | null {
  const { repository, digest } = IMAGE.exec(resourceId)?.groups ?? {};
  if (repository === undefined || digest === undefined || scanStatus === undefined) return null;
  return {
    repository,
    digest,
    status: scanStatus.statusCode,
    reason: scanStatus.reason,
    lastScannedAt: lastScannedAt === undefined ? null : lastScannedAt * 1000,
  };
}
