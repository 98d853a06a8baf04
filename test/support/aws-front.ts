import { createServer, type IncomingMessage } from 'node:http';
import { onLoopback } from './on-loopback.ts';

export interface AwsFront {
  readonly url: string;
  /** The secrets that were asked for, with the access key and the region of who asked. */
  readonly secretsAsked: readonly {
    readonly secretArn: string;
    readonly accessKey: string;
    readonly region: string;
  }[];
  close(): Promise<void>;
}

export interface AwsFrontOptions {
  /** URLs by the service that a signature names, such as `sts`. */
  readonly services: Readonly<Record<string, string>>;
  /** What Secrets Manager holds, by ARN; others do not exist. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** One address for the servers of several services, as `AWS_ENDPOINT_URL` is, with a Secrets Manager of its own. */
export async function startAwsFront({ services, secrets = {} }: AwsFrontOptions): Promise<AwsFront> {
  const secretsAsked: { secretArn: string; accessKey: string; region: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const [, accessKey = '', region = '', service = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    if (service === 'secretsmanager') {
      const { SecretId: secretArn } = JSON.parse(body.toString('utf8')) as { readonly SecretId: string };
      secretsAsked.push({ secretArn, accessKey, region });
      const secret = secrets[secretArn];
      const answer =
        secret === undefined ? { __type: 'ResourceNotFoundException' } : { SecretString: secret };
      response
        .writeHead(secret === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(answer));
      return;
    }
    const behind = services[service];
    if (behind === undefined) return void response.writeHead(500).end();
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const answer = await fetch(new URL(request.url ?? '/', behind), {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body.length === 0 ? {} : { body }),
    });
    const code = answer.headers.get('x-amzn-errortype');
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'text/plain',
      ...(code === null ? {} : { 'x-amzn-errortype': code }),
    });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    secretsAsked,
    close,
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
