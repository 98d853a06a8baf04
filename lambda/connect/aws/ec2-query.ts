import { STSClient } from '@aws-sdk/client-sts';
import { parseXML } from '@aws-sdk/xml-builder';
import { SignatureV4 } from '@smithy/signature-v4';
import { VERSION } from '../../version.ts';
import { type AwsSettings, clientConfig } from './client.ts';
import { elementOf, textOf, type Xml } from './xml.ts';

/**
 * Asks one region's EC2 by its Query API. The SDK's client for it would add 600 kB to every bundle for the
 * seven actions that are called; so requests are built here, and sent, signed and retried by parts of the
 * SDK that are there anyway.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
 */
export interface Ec2 {
  /**
   * All pages of an answer, each handed on and forgotten.
   * @throws Error named by the code of EC2's answer, or what the connection failed with; see `awsError`
   */
  pages(request: Ec2Request, onPage: (page: Xml) => void): Promise<void>;
  close(): void;
}

export interface Ec2Request {
  /** Such as `DescribeInstances`. */
  readonly action: string;
  /** As the API reference names them, such as `Filter.1.Name`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of items, where the action has pages; 5 to 1000. */
  readonly pageSize?: number;
}

const VERSION_OF_API = '2016-11-15';
/** More than the largest account has: 1,000,000 items by 200. Guards against a list without end. */
const MOST_PAGES = 5_000;

export function openEc2(settings: AwsSettings): Ec2 {
  const { region } = settings;
  // It is never asked anything: its configuration holds what the SDK makes of settings and environment.
  const parts = new STSClient(clientConfig(settings));
  const endpoint = endpointOf(settings, parts);
  const send = async (form: URLSearchParams): Promise<Xml> => {
    const { config } = parts;
    const retries = await config.retryStrategy();
    if (!('acquireInitialRetryToken' in retries)) throw new TypeError('The SDK has no retry strategy.');
    let token = await retries.acquireInitialRetryToken('ec2');
    for (;;) {
      try {
        const answer = await attempt(form, { endpoint, region, parts });
        retries.recordSuccess(token);
        return answer;
      } catch (error) {
        const errorType = kindOf(error);
        try {
          token = await retries.refreshRetryTokenForRetry(token, { errorType });
        } catch {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, token.getRetryDelay()));
      }
    }
  };
  return {
    async pages({ action, parameters, pageSize }, onPage) {
      const size = pageSize === undefined ? {} : { MaxResults: String(pageSize) };
      const tokens = new Set<string>();
      let next = '';
      for (let count = 0; count < MOST_PAGES; count++) {
        const more = next === '' ? {} : { NextToken: next };
        const form = { Action: action, Version: VERSION_OF_API, ...parameters, ...size, ...more };
        const page = rootOf(await send(new URLSearchParams(form)), action);
        onPage(page);
        next = textOf(page, 'nextToken') ?? '';
        if (next === '') return;
        // A page that was read before, from something in between: there is no end to it.
        if (tokens.has(next)) break;
        tokens.add(next);
      }
      throw new Error(`the list of ${action} does not end`);
    },
    close: () => parts.destroy(),
  };
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function endpointOf({ endpoint, region }: AwsSettings, { config }: STSClient): URL {
  const custom = endpoint ?? (process.env['AWS_ENDPOINT_URL_EC2'] || process.env['AWS_ENDPOINT_URL']);
  if (custom) return new URL(custom);
  // EC2 has its endpoints beside those of STS: in each partition, with FIPS, and with dual stack.
  const { url } = config.endpointProvider({
    Region: region,
    UseFIPS: process.env['AWS_USE_FIPS_ENDPOINT'] === 'true',
    UseDualStack: process.env['AWS_USE_DUALSTACK_ENDPOINT'] === 'true',
    UseGlobalEndpoint: false,
  });
  return new URL(url.href.replace('//sts', '//ec2'));
}

async function attempt(
  form: URLSearchParams,
  { endpoint, region, parts: { config } }: { endpoint: URL; region: string; parts: STSClient },
): Promise<Xml> {
  const { protocol, hostname, port, pathname, host } = endpoint;
  const signer = new SignatureV4({
    service: 'ec2',
    region,
    credentials: await config.credentials(),
    sha256: config.sha256,
  });
  const signed = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: pathname,
    query: {},
    headers: {
      host,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': `eks-drift-auditor/${VERSION}`,
    },
    body: form.toString(),
  });
  const { response } = await config.requestHandler.handle(
    signed as Parameters<typeof config.requestHandler.handle>[0],
  );
  const text = config.utf8Encoder(await config.streamCollector(response.body));
  if (response.statusCode >= 300) throw refusal(text, response.statusCode);
  return parseXML(text) as Xml;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response */
function refusal(text: string, status: number): Error {
  const found = /<Code>([^<]{1,200})<\/Code>\s*<Message>([^<]{0,2000})<\/Message>/.exec(text);
  const error = new Error(found?.[2] || `EC2 answered with HTTP status ${status}`);
  error.name = found?.[1] ?? 'UnknownError';
  return Object.assign(error, { status });
}

const BUSY = /^(RequestLimitExceeded|Throttling|ThrottlingException|SlowDown)$/;

function kindOf(error: unknown): 'THROTTLING' | 'TRANSIENT' | 'CLIENT_ERROR' {
  const { name = '', status } = error as { name?: string; status?: number };
  if (BUSY.test(name) || status === 429) return 'THROTTLING';
  // Without a status nothing was answered, or what was cannot be read.
  const lost = status === undefined && name !== 'CredentialsProviderError';
  return lost || (status ?? 0) >= 500 ? 'TRANSIENT' : 'CLIENT_ERROR';
}

function rootOf(answer: Xml, action: string): Xml {
  const root = elementOf(answer, `${action}Response`);
  if (root === null) throw new Error(`the answer is none to ${action}`);
  return root;
}
