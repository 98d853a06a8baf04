import { parseXML } from '@aws-sdk/xml-builder';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler, streamCollector } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { VERSION } from '../../version.ts';
import { type AwsSettings, type CredentialsProvider, clientConfig } from './client.ts';
import { ec2Endpoint } from './ec2-endpoint.ts';
import { elementOf, textOf, type Xml } from './xml.ts';

/**
 * Asks one region's EC2 by its Query API. The SDK's client for it would add 550 kB to every bundle for the
 * seven actions that are called (docs/decisions/0010-routing.md); so requests are built here, and sent, signed and
 * retried by parts of the SDK that are in the bundle anyway.
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

/** EC2 is asked with the credentials that found a cluster. */
export type Ec2Settings = AwsSettings & { readonly credentials: CredentialsProvider };

export function openEc2(settings: Ec2Settings): Ec2 {
  const { region, credentials } = settings;
  const { maxAttempts, requestHandler } = clientConfig(settings);
  const http = new NodeHttpHandler(requestHandler);
  const retries = new StandardRetryStrategy(maxAttempts);
  const signer = new SignatureV4({ service: 'ec2', region, credentials, sha256: Sha256 });
  const send = async (form: URLSearchParams): Promise<Xml> => {
    const endpoint = await ec2Endpoint(region, settings.endpoint);
    let token = await retries.acquireInitialRetryToken('ec2');
    for (;;) {
      try {
        const answer = await attempt(form, { endpoint, signer, http });
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
    close: () => http.destroy(),
  };
}

interface Connection {
  readonly endpoint: URL;
  readonly signer: SignatureV4;
  readonly http: NodeHttpHandler;
}

async function attempt(form: URLSearchParams, { endpoint, signer, http }: Connection): Promise<Xml> {
  const { protocol, hostname, port, pathname, host } = endpoint;
  const signed = await signer.sign(
    new HttpRequest({
      method: 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: pathname,
      headers: {
        host,
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'user-agent': `eks-drift-auditor/${VERSION}`,
      },
      body: form.toString(),
    }),
  );
  const { response } = await http.handle(new HttpRequest(signed));
  const body = await streamCollector(response.body);
  const answer = Buffer.from(body).toString('utf8');
  if (response.statusCode >= 300) throw refusal(answer, response.statusCode);
  return parseXML(answer) as Xml;
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
  if (root === null) throw new Error(`it is not an answer to ${action}`);
  return root;
}
