import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onLoopback } from './on-loopback.ts';

/** A request as it arrived. */
export interface SeenRequest {
  /** From 0, in the order of arrival. */
  readonly index: number;
  /** That signed it: `s3`, `sns`, `securityhub`. */
  readonly service: string;
  readonly method: string;
  /** Key of the object; empty for a list, and for what is no request to the bucket. */
  readonly key: string;
  /** Of a list; `null` for other requests. */
  readonly prefix: string | null;
  readonly conditional: boolean;
  /** To which a mail is published; empty for what is no mail. */
  readonly topic: string;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** In the words of S3. @defaultValue `as planned` */
  readonly message?: string;
  /** Of S3. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One way to misbehave in the place of a right answer. */
export type AnswerFault =
  /** Refused with this status; nothing is done. */
  | (Refusal & { readonly kind: 'status' })
  /** It is done, and refused all the same. */
  | { readonly kind: 'done-but'; readonly status: number; readonly code: string }
  /** It is done, but the connection breaks before the answer. */
  | { readonly kind: 'lost' }
  /** It is done; half of the answer arrives, and then the connection breaks. */
  | { readonly kind: 'cut' }
  /** It is done; half of the answer arrives, and then nothing. */
  | { readonly kind: 'stall' };

export type AnswerPlan = (request: SeenRequest) => AnswerFault | null;

export interface S3Server {
  readonly url: string;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly requests: readonly SeenRequest[];
  /** Mails that the topic has accepted, as SNS got them. */
  readonly mails: readonly URLSearchParams[];
  /** Makes these the only objects, forgets what was asked, and goes on by another plan. */
  reset(objects: ReadonlyMap<string, Uint8Array>, plan?: AnswerPlan): void;
  close(): Promise<void>;
}

export interface S3ServerOptions {
  readonly objects?: ReadonlyMap<string, Uint8Array>;
  readonly plan?: AnswerPlan;
  /** How many subscriptions of a topic are confirmed. @defaultValue 1 */
  readonly confirmed?: (topicArn: string) => number;
  /** The signature of a digest by KMS. @defaultValue it has no key */
  readonly sign?: (digest: Uint8Array) => Uint8Array;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

interface World {
  readonly objects: Map<string, Uint8Array>;
  readonly requests: SeenRequest[];
  readonly mails: URLSearchParams[];
  plan: AnswerPlan;
  readonly confirmed: (topicArn: string) => number;
  readonly sign: ((digest: Uint8Array) => Uint8Array) | null;
}

/**
 * One bucket with conditional writes and lists, a topic, a Security Hub that takes all and a key that signs, on loopback and
 * each in its own protocol, so that the SDK is tested and not replaced.
 */
export async function startS3Server({
  objects = new Map(),
  plan,
  confirmed = () => 1,
  sign,
}: S3ServerOptions = {}): Promise<S3Server> {
  const world: World = {
    objects: new Map(objects),
    requests: [],
    mails: [],
    plan: plan ?? (() => null),
    confirmed,
    sign: sign ?? null,
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => answer(request, response, { body, world }));
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    objects: world.objects,
    requests: world.requests,
    mails: world.mails,
    reset(kept, next = () => null) {
      const copy = [...kept];
      world.objects.clear();
      for (const [key, bytes] of copy) world.objects.set(key, bytes);
      world.requests.length = 0;
      world.mails.length = 0;
      world.plan = next;
    },
    close,
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

interface Exchange {
  readonly body: Buffer;
  readonly world: World;
}

function answer(request: IncomingMessage, response: ServerResponse, { body, world }: Exchange): void {
  const seen = seenAs(request, body, world.requests.length);
  world.requests.push(seen);
  const fault = world.plan(seen);
  if (fault?.kind === 'status') {
    send(response, refusal(seen, fault));
    return;
  }
  const right = rightAnswer(request, seen, { body, world });
  if (fault === null) send(response, right);
  else if (fault.kind === 'done-but') send(response, refusal(seen, fault));
  else misbehave(response, right, fault.kind);
}

/** Objects are named in path style: `/bucket/key`. */
function seenAs(request: IncomingMessage, body: Buffer, index: number): SeenRequest {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3');
  const { authorization = '', 'if-match': match, 'if-none-match': none } = request.headers;
  const [, service = ''] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
  const [, , ...key] = pathname.split('/').map(decodeURIComponent);
  return {
    index,
    service,
    method: request.method ?? '',
    key: service === 's3' ? key.join('/') : '',
    prefix: searchParams.get('prefix'),
    conditional: match !== undefined || none !== undefined,
    topic: service === 'sns' ? (new URLSearchParams(body.toString()).get('TopicArn') ?? '') : '',
  };
}

const XML = { 'content-type': 'text/xml' };

function rightAnswer(
  request: IncomingMessage,
  { service, method, key }: SeenRequest,
  { body, world }: Exchange,
): Answer {
  const action = new URLSearchParams(body.toString());
  if (service === 'sns' && action.get('Action') === 'GetTopicAttributes') {
    return {
      status: 200,
      headers: XML,
      body: topicAttributes(world.confirmed(action.get('TopicArn') ?? '')),
    };
  }
  if (service === 'sns') {
    world.mails.push(new URLSearchParams(body.toString()));
    const result = '<PublishResult><MessageId>1</MessageId></PublishResult>';
    return { status: 200, headers: XML, body: `<PublishResponse>${result}</PublishResponse>` };
  }
  if (service === 'securityhub') {
    const content = { FailedCount: 0, SuccessCount: 1, FailedFindings: [] };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) };
  }
  if (service === 'kms') return signAnswer(body, world.sign);
  if (method === 'PUT') return putAnswer(request, { key, body, objects: world.objects });
  if (key === '') return listAnswer(new URL(request.url ?? '', 'http://s3'), world.objects);
  const there = world.objects.get(key);
  if (there === undefined) return { status: 404, headers: XML, body: errorBody('NoSuchKey') };
  const sum = createHash('sha256').update(there).digest('base64');
  return { status: 200, headers: { etag: etag(there), 'x-amz-checksum-sha256': sum }, body: there };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
function signAnswer(body: Buffer, sign: World['sign']): Answer {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  const { KeyId, Message, MessageType } = JSON.parse(body.toString()) as Record<string, string>;
  if (sign === null || MessageType !== 'DIGEST' || Message === undefined) {
    return { status: 400, headers, body: JSON.stringify({ __type: 'NotFoundException', message: 'no key' }) };
  }
  const Signature = Buffer.from(sign(Buffer.from(Message, 'base64'))).toString('base64');
  return { status: 200, headers, body: JSON.stringify({ KeyId, Signature }) };
}

const topicAttributes = (confirmed: number): string =>
  `<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>SubscriptionsConfirmed</key><value>${confirmed}</value></entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>`;

const etag = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function putAnswer(
  request: IncomingMessage,
  { key, body, objects }: { readonly key: string; readonly body: Buffer; readonly objects: World['objects'] },
): Answer {
  const there = objects.get(key);
  const { 'if-match': match, 'if-none-match': none } = request.headers;
  if (match !== undefined && there === undefined) {
    return { status: 404, headers: XML, body: errorBody('NoSuchKey') };
  }
  const failed = none === '*' ? there !== undefined : match !== undefined && match !== etag(there ?? body);
  if (failed) return { status: 412, headers: XML, body: errorBody('PreconditionFailed') };
  objects.set(key, body);
  return { status: 200, headers: { etag: etag(body) } };
}

function listAnswer({ searchParams }: URL, objects: ReadonlyMap<string, Uint8Array>): Answer {
  const prefix = searchParams.get('prefix') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const delimiter = searchParams.get('delimiter');
  const end = (key: string): number => (delimiter === null ? -1 : key.indexOf(delimiter, prefix.length));
  const folders = new Set(keys.filter((key) => end(key) >= 0).map((key) => key.slice(0, end(key) + 1)));
  const contents = keys
    .filter((key) => end(key) < 0)
    .map((key) => `<Contents><Key>${key}</Key></Contents>`)
    .join('');
  const common = [...folders]
    .map((one) => `<CommonPrefixes><Prefix>${one}</Prefix></CommonPrefixes>`)
    .join('');
  const body = `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}${common}</ListBucketResult>`;
  return { status: 200, headers: XML, body };
}

const errorBody = (code: string, message = 'as planned'): string =>
  `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

function refusal({ service }: SeenRequest, { status, code, message, headers: more }: Refusal): Answer {
  if (service === 's3') return { status, headers: { ...XML, ...more }, body: errorBody(code, message) };
  if (service === 'sns')
    return { status, headers: XML, body: `<ErrorResponse>${errorBody(code)}</ErrorResponse>` };
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
  return { status, headers, body: JSON.stringify({ __type: code, message: 'as planned' }) };
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
}

function misbehave(response: ServerResponse, right: Answer, kind: 'lost' | 'cut' | 'stall'): void {
  const bytes = Buffer.from(right.body ?? '');
  const { socket } = response;
  if (kind === 'lost' || (kind === 'cut' && bytes.length === 0)) {
    socket?.resetAndDestroy();
    return;
  }
  if (bytes.length === 0) return;
  response.writeHead(right.status, { ...right.headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
    if (kind === 'cut') socket?.resetAndDestroy();
  });
}
