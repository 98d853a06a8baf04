import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { onLoopback } from './on-loopback.ts';

/** Each step by which an object is stored. */
export type UploadStep = 'put' | 'create' | 'part' | 'complete' | 'abort';

export interface StepSeen {
  readonly step: UploadStep;
  readonly bytes: number;
  /** Whether S3 would have found the content to be what was sent; `null`: nothing was said of it. */
  readonly checksum: boolean | null;
  readonly conditional: boolean;
  readonly encryption: string | null;
}

export interface MultipartServer {
  readonly url: string;
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly steps: readonly StepSeen[];
  /** Uploads that were begun and neither completed nor aborted. */
  readonly openUploads: number;
  close(): Promise<void>;
}

export interface MultipartOptions {
  /** Answers a step with this status in the place of doing it. */
  readonly refuse?: (step: UploadStep, index: number) => number | null;
  /** What is stored already. */
  readonly existing?: readonly string[];
  /** Begins uploads without telling their id. */
  readonly withoutIds?: boolean;
  /** Called when the content of a step has arrived. */
  readonly onStep?: (seen: StepSeen) => void;
}

/**
 * A bucket on loopback that takes objects whole and in parts, as
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html tells: what is uploaded in parts is
 * an object from its completion on, if the condition of that holds.
 */
export async function startMultipartServer(options: MultipartOptions = {}): Promise<MultipartServer> {
  const objects = new Map<string, Buffer>(
    (options.existing ?? []).map((key) => [key, Buffer.from('old')] as const),
  );
  const steps: StepSeen[] = [];
  const bucket: Bucket = { objects, uploads: new Map(), withoutIds: options.withoutIds ?? false };
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (request.method === 'GET') {
      const there = objects.get(keyOf(request));
      response.writeHead(there === undefined ? 404 : 200, { etag: '"there"' }).end(there);
      return;
    }
    const step = stepOf(request);
    const index = steps.filter((one) => one.step === step).length;
    const seen = seenAs(step, request, body);
    steps.push(seen);
    options.onStep?.(seen);
    const done = options.refuse?.(step, index) ?? DO[step](bucket, request, body);
    const status = typeof done === 'number' ? done : 200;
    const text =
      typeof done === 'number'
        ? `<Error><Code>Refused</Code><Message>${step} as planned</Message></Error>`
        : done;
    const sum = request.headers['x-amz-checksum-sha256'];
    response
      .writeHead(status, {
        'content-type': 'text/xml',
        etag: `"${index}"`,
        ...(typeof sum === 'string' ? { 'x-amz-checksum-sha256': sum } : {}),
      })
      .end(text);
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    objects,
    steps,
    get openUploads() {
      return bucket.uploads.size;
    },
    close,
  };
}

interface Bucket {
  readonly objects: Map<string, Buffer>;
  /** Parts by number, of uploads by id. */
  readonly uploads: Map<string, Map<number, Buffer>>;
  readonly withoutIds: boolean;
}

/** What each step does; its answer, or the status of a refusal. */
type Step = (bucket: Bucket, request: IncomingMessage, body: Buffer) => string | number;

const put: Step = ({ objects }, request, body) => {
  const key = keyOf(request);
  if (!holds(request, objects.has(key))) return 412;
  objects.set(key, body);
  return '';
};

const complete: Step = ({ objects, uploads }, request, body) => {
  const key = keyOf(request);
  const id = parameter(request, 'uploadId');
  const parts = [...(uploads.get(id) ?? [])].sort(([a], [b]) => a - b).map(([, part]) => part);
  if (!holds(request, objects.has(key))) return 412;
  if (body.toString().match(/<PartNumber>/g)?.length !== parts.length) return 400;
  uploads.delete(id);
  objects.set(key, Buffer.concat(parts));
  return '<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>';
};

const DO: Readonly<Record<UploadStep, Step>> = {
  put,
  complete,
  create({ uploads, withoutIds }) {
    if (withoutIds) return '<InitiateMultipartUploadResult/>';
    const id = `upload-${uploads.size}`;
    uploads.set(id, new Map());
    return `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
  },
  part({ uploads }, request, body) {
    uploads.get(parameter(request, 'uploadId'))?.set(Number(parameter(request, 'partNumber')), body);
    return '';
  },
  abort({ uploads }, request) {
    uploads.delete(parameter(request, 'uploadId'));
    return '';
  },
};

const parameter = ({ url = '' }: IncomingMessage, name: string): string =>
  new URL(url, 'http://s3').searchParams.get(name) ?? '';

/** Objects are named in path style: `/bucket/key`. */
const keyOf = ({ url = '' }: IncomingMessage): string =>
  decodeURIComponent(new URL(url, 'http://s3').pathname.split('/').slice(2).join('/'));

function stepOf({ method, url = '' }: IncomingMessage): UploadStep {
  const { searchParams } = new URL(url, 'http://s3');
  if (method === 'DELETE') return 'abort';
  if (method === 'POST') return searchParams.has('uploads') ? 'create' : 'complete';
  return searchParams.has('partNumber') ? 'part' : 'put';
}

function seenAs(step: UploadStep, { headers }: IncomingMessage, body: Buffer): StepSeen {
  const sum = headers['x-amz-checksum-sha256'];
  return {
    step,
    bytes: body.byteLength,
    checksum: sum === undefined ? null : sum === createHash('sha256').update(body).digest('base64'),
    conditional: headers['if-none-match'] !== undefined || headers['if-match'] !== undefined,
    encryption: String(headers['x-amz-server-side-encryption-aws-kms-key-id'] ?? '') || null,
  };
}

const holds = ({ headers }: IncomingMessage, exists: boolean): boolean =>
  headers['if-none-match'] === '*' ? !exists : headers['if-match'] === undefined || exists;
