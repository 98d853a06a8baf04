import { createServer, type ServerResponse } from 'node:http';
import { onLoopback } from './on-loopback.ts';

export interface Ec2Call {
  /** Such as `DescribeInstances`. */
  readonly action: string;
  readonly parameters: URLSearchParams;
  /** `ec2`, as it is signed for. */
  readonly service: string;
  readonly region: string;
  /** How often the action was called before. */
  readonly before: number;
}

export interface Ec2ServerOptions {
  /** What an action answers: the elements within `…Response`, or those of each page. */
  readonly answers: Readonly<Record<string, string | readonly string[]>>;
  /** In the place of an answer: an error, or whatever else happens to a connection. */
  readonly fail?: (call: Ec2Call) => Ec2Failure | null;
}

export type Ec2Failure =
  | { readonly status: number; readonly code: string; readonly message?: string }
  | ((response: ServerResponse) => void);

export interface Ec2Server {
  readonly url: string;
  readonly calls: readonly Ec2Call[];
  close(): Promise<void>;
}

/** EC2's Query API on loopback, as far as it is asked here. Pages are numbered by their tokens. */
export async function startEc2Server({ answers, fail }: Ec2ServerOptions): Promise<Ec2Server> {
  const calls: Ec2Call[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    const [, region = '', service = ''] =
      /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const before = calls.filter((call) => call.action === action).length;
    const call = { action, parameters, service, region, before };
    calls.push(call);
    const failure = fail?.(call) ?? null;
    if (typeof failure === 'function') failure(response);
    else if (failure !== null) refuse(response, failure);
    else answer(response, call, answers[action] ?? '');
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    calls,
    close,
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response */
function refuse(
  response: ServerResponse,
  { status, code, message = 'as planned' }: Exclude<Ec2Failure, (response: ServerResponse) => void>,
): void {
  const errors = `<Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors>`;
  response
    .writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>\n<Response>${errors}<RequestID>r</RequestID></Response>`);
}

function answer(
  response: ServerResponse,
  { action, parameters }: Ec2Call,
  pages: string | readonly string[],
) {
  const all = typeof pages === 'string' ? [pages] : pages;
  const at = Number(parameters.get('NextToken') ?? 0);
  const next = at + 1 < all.length ? `<nextToken>${at + 1}</nextToken>` : '';
  const root = `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">`;
  response
    .writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n${root}<requestId>r</requestId>${all[at]}${next}</${action}Response>`,
    );
}
