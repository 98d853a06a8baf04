import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type StoredImage, type StoredRegistry, startEcrServer } from '../../support/ecr-server.ts';
import { onLoopback } from '../../support/on-loopback.ts';

/** ECR and Inspector: moto where it has an answer, else a server of the tests. */
export interface EcrFront {
  /** For `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL_INSPECTOR2`. */
  readonly url: string;
  /** Actions as IAM names them, in the order in which they were called. */
  readonly calls: string[];
  /** From now on refuses this action alone, as IAM does; `null`: none. */
  deny(action: string | null): void;
  close(): Promise<void>;
}

/** What moto's ECR answers. It has no scans, and pushed everything just now: these come from what is stored. */
const OF_MOTO: ReadonlySet<string> = new Set([
  'ecr:DescribeRepositories',
  'ecr:DescribeImages',
  'ecr:GetRegistryScanningConfiguration',
  'ecr:BatchGetImage',
]);

/** Of calls that are no action of their own: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html */
const RIGHTS: Readonly<Record<string, string>> = { 'ecr:ListImageReferrers': 'ecr:BatchGetImage' };

/** @param registries by account and region: `111122223333/eu-west-1` */
export async function startEcrFront(
  moto: string,
  registries: Readonly<Record<string, StoredRegistry>>,
): Promise<EcrFront> {
  const rest = await startEcrServer({ registries });
  const calls: string[] = [];
  let denied: string | null = null;
  const server = createServer(async (request, response) => {
    const action = actionOf(request);
    const body = await bodyOf(request);
    calls.push(action);
    if (denied === (RIGHTS[action] ?? action)) return deny(response, denied, body);
    const to = OF_MOTO.has(action) ? moto : rest.url;
    const answer = await fetch(`${to}${request.url}`, { method: 'POST', headers: forwarded(request), body });
    const text = await answer.text();
    const region = /\/(?<region>[a-z0-9-]+)\/ecr\//.exec(request.headers.authorization ?? '')?.groups?.region;
    const completed =
      action === 'ecr:DescribeImages' && answer.ok ? withTimes(text, registries, region ?? '') : text;
    const code = answer.headers.get('x-amzn-errortype');
    response
      .writeHead(answer.status, {
        'content-type': 'application/x-amz-json-1.1',
        ...(code === null ? {} : { 'x-amzn-errortype': code }),
      })
      .end(completed);
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    calls,
    deny: (action) => {
      denied = action;
    },
    async close() {
      await close();
      await rest.close();
    },
  };
}

const actionOf = ({ url, headers }: IncomingMessage): string =>
  url === '/coverage/list'
    ? 'inspector2:ListCoverage'
    : `ecr:${String(headers['x-amz-target'] ?? '').replace(/^.*\./, '')}`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += part;
  return body;
}

const forwarded = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    ['authorization', 'content-type', 'x-amz-target', 'x-amz-date', 'x-amz-security-token'].flatMap(
      (name) => {
        const value = headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      },
    ),
  );

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html#access-denied-iam-policy-errors */
function deny(response: ServerResponse, action: string, body: string): void {
  const { repositoryName = '*' } = JSON.parse(body || '{}') as { readonly repositoryName?: string };
  const message = `User is not authorized to perform: ${action} on resource: ${repositoryName} because no identity-based policy allows the ${action} action`;
  const code = 'AccessDeniedException';
  response
    .writeHead(action.startsWith('ecr:') ? 400 : 403, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-errortype': code,
    })
    .end(JSON.stringify({ __type: code, message }));
}

interface Described {
  readonly registryId: string;
  readonly repositoryName: string;
  readonly imageDigest: string;
}

function withTimes(
  text: string,
  registries: Readonly<Record<string, StoredRegistry>>,
  region: string,
): string {
  const answer = JSON.parse(text) as { readonly imageDetails: readonly Described[] };
  const storedAs = ({ registryId, repositoryName, imageDigest }: Described): StoredImage | undefined =>
    registries[`${registryId}/${region}`]?.repositories[repositoryName]?.images.find(
      ({ digest }) => digest === imageDigest,
    );
  return JSON.stringify({
    ...answer,
    imageDetails: answer.imageDetails.map((one) => {
      const { pushedAt, scan } = storedAs(one) ?? {};
      return {
        ...one,
        ...(pushedAt === undefined ? {} : { imagePushedAt: pushedAt / 1000 }),
        ...(scan === undefined ? {} : { imageScanStatus: { status: scan.status } }),
        ...(scan?.completedAt === undefined
          ? {}
          : { imageScanFindingsSummary: { imageScanCompletedAt: scan.completedAt / 1000 } }),
      };
    }),
  });
}
