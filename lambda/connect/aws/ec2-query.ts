import { parseXML } from '@aws-sdk/xml-builder';
import type { AwsSettings, CredentialsProvider } from './client.ts';
import { serviceEndpoint } from './service-endpoint.ts';
import { openSigned } from './signed-requests.ts';
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
  const requests = openSigned({
    service: 'ec2',
    settings,
    endpoint: () => serviceEndpoint('ec2', settings.region, settings.endpoint),
    contentType: 'application/x-www-form-urlencoded; charset=utf-8',
    refusal,
  });
  return {
    async pages({ action, parameters, pageSize }, onPage) {
      const size = pageSize === undefined ? {} : { MaxResults: String(pageSize) };
      const tokens = new Set<string>();
      let next = '';
      for (let count = 0; count < MOST_PAGES; count++) {
        const more = next === '' ? {} : { NextToken: next };
        const form = new URLSearchParams({
          Action: action,
          Version: VERSION_OF_API,
          ...parameters,
          ...size,
          ...more,
        });
        const page = await requests.post('', form.toString(), (text) =>
          rootOf(parseXML(text) as Xml, action),
        );
        onPage(page);
        next = textOf(page, 'nextToken') ?? '';
        if (next === '') return;
        // A page that was read before, from something in between: there is no end to it.
        if (tokens.has(next)) break;
        tokens.add(next);
      }
      throw new Error(`the list of ${action} does not end`);
    },
    close: () => requests.close(),
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response */
function refusal(text: string, status: number): Error {
  const found = /<Code>([^<]{1,200})<\/Code>\s*<Message>([^<]{0,2000})<\/Message>/.exec(text);
  const error = new Error(found?.[2] || `EC2 answered with HTTP status ${status}`);
  error.name = found?.[1] ?? 'UnknownError';
  return Object.assign(error, { status });
}

function rootOf(answer: Xml, action: string): Xml {
  const root = elementOf(answer, `${action}Response`);
  if (root === null) throw new Error(`it is not an answer to ${action}`);
  return root;
}
