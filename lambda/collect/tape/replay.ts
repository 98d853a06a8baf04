import { open } from 'node:fs/promises';
import type { KubeApi, KubeResponse } from '../../connect/kube/kube-api.ts';
import { ReadError, UsageError } from '../../errors.ts';
import type { ImagesReading } from '../../inventory/images.ts';
import type { VpcReading } from '../../inventory/vpc.ts';
import { gaveUp } from '../http/retry.ts';
import { podFacts } from './facts.ts';
import {
  type AnswerHeader,
  FORMAT,
  FORMAT_VERSION,
  fromMaps,
  keyOf,
  POD_RECORDS,
  type SectionHeader,
} from './format.ts';
import { linesOf } from './lines.ts';

/** One cluster as it was written down. */
export interface RecordedCluster {
  readonly header: SectionHeader;
  /** Answers as the cluster did, and says of everything else that it was not asked. */
  readonly api: KubeApi;
  readonly vpc?: VpcReading;
  readonly images?: ImagesReading;
}

/** Whether a file is compressed with gzip, as written snapshots are and manifests are not. */
export async function isCompressed(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } catch {
    // A folder.
    return false;
  } finally {
    await file.close();
  }
}

/** Where the answer to a question is: in memory, or for pods at a line of the file. */
interface Answer {
  readonly header: AnswerHeader;
  readonly body: Buffer | { readonly line: number };
}

/** A section while it is read. */
interface Section {
  readonly header: SectionHeader;
  /** The number of its first line. */
  readonly begun: number;
  readonly answers: Map<string, Answer>;
  vpc?: VpcReading;
  images?: ImagesReading;
  ended: boolean;
}

/** A snapshot that can be read from its begin as often as wanted. */
export interface SnapshotSource {
  /** As errors name it. */
  readonly name: string;
  lines(): AsyncGenerator<Buffer>;
}

/** As {@link openSnapshot}, of a file. */
export const openRecorded = (path: string): Promise<readonly RecordedCluster[]> =>
  openSnapshot({ name: path, lines: () => linesOf(path) });

/**
 * Reads a written snapshot through once; lists of pods are left in it, and read when they are asked for.
 * @throws UsageError for what is no snapshot, is of another version, or does not reach its end
 */
export async function openSnapshot(source: SnapshotSource): Promise<readonly RecordedCluster[]> {
  const { name: path } = source;
  const sections: Section[] = [];
  let asked: AnswerHeader | null = null;
  let number = 0;
  try {
    for await (const line of source.lines()) {
      const section = sections.at(-1);
      if (section === undefined || section.ended) sections.push(beginSection(path, line, number));
      else if (asked === null) asked = takeLine(section, line, number);
      else {
        section.answers.set(asked.key, { header: asked, body: isPods(asked) ? { line: number } : line });
        asked = null;
      }
      number++;
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw damaged(path);
  }
  if (sections.length === 0 || !sections.every(({ ended }) => ended)) throw damaged(path);
  return sections.map(({ header, answers, vpc, images }) => ({
    header,
    api: replay(source, header, answers),
    ...(vpc === undefined ? {} : { vpc }),
    ...(images === undefined ? {} : { images }),
  }));
}

const beginSection = (path: string, line: Buffer, number: number): Section => ({
  header: headerIn(path, line),
  begun: number,
  answers: new Map(),
  ended: false,
});

const isPods = ({ answer }: AnswerHeader): boolean =>
  'contentType' in answer && answer.contentType === POD_RECORDS;

/** @returns the question whose answer is in the next line, if it is one */
function takeLine(section: Section, line: Buffer, number: number): AnswerHeader | null {
  const value: unknown = JSON.parse(line.toString('utf8'), fromMaps);
  if (isAnswer(value)) return value;
  if (isVpc(value)) section.vpc = value.vpc;
  else if (isImages(value)) section.images = value.images;
  else if (isEnd(value) && value.lines === number - section.begun) section.ended = true;
  else throw new SyntaxError('a line that is none of its kind');
  return null;
}

const damaged = (path: string): UsageError =>
  new UsageError(
    `The snapshot "${path}" is damaged or incomplete: write it again with eks-drift-audit snapshot --out FILE.`,
  );

function headerIn(path: string, line: Buffer): SectionHeader {
  let value: unknown = null;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    // No JSON is no snapshot.
  }
  if (!isHeader(value)) {
    throw new UsageError(
      `"${path}" is compressed and not a snapshot of eks-drift-audit; decompress it (gunzip) if it contains manifests.`,
    );
  }
  if (value.version !== FORMAT_VERSION) {
    throw new UsageError(
      `The snapshot "${path}" has format ${value.version}, written by eks-drift-audit ${value.tool}; this version reads format ${FORMAT_VERSION}. Audit it with that version, or write it again.`,
    );
  }
  const missing = podFacts().filter((fact) => !value.facts.includes(fact));
  if (missing.length > 0) {
    throw new UsageError(
      `The snapshot "${path}" was written by eks-drift-audit ${value.tool}, which did not read ${missing[0]} of pods. Audit it with that version, or write it again.`,
    );
  }
  return value;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isHeader = (value: unknown): value is SectionHeader =>
  isObject(value) &&
  value['format'] === FORMAT &&
  isObject(value['cluster']) &&
  Array.isArray(value['facts']);
const isAnswer = (value: unknown): value is AnswerHeader =>
  isObject(value) && typeof value['key'] === 'string' && isObject(value['answer']);
const isVpc = (value: unknown): value is { readonly vpc: VpcReading } =>
  isObject(value) && isObject(value['vpc']);
const isImages = (value: unknown): value is { readonly images: ImagesReading } =>
  isObject(value) && isObject(value['images']) && value['images']['facts'] instanceof Map;
const isEnd = (value: unknown): value is { readonly lines: number } =>
  isObject(value) && value['end'] === true;

function replay(
  source: SnapshotSource,
  { server, unverified }: SectionHeader,
  answers: ReadonlyMap<string, Answer>,
): KubeApi {
  const lineAt = createLines(source);
  return {
    server,
    ...(unverified === undefined ? {} : { unverified }),
    async request(request) {
      const key = keyOf(request);
      const found = answers.get(key);
      if (found === undefined) throw notAsked(request.path);
      const { answer } = found.header;
      if ('failed' in answer) {
        const { reason, message, remedy } = answer.failed;
        throw gaveUp(new ReadError(reason, message, remedy), answer.attempts);
      }
      const body = 'line' in found.body ? await lineAt(found.body.line) : found.body;
      return toResponse(answer, body);
    },
    close: async () => {},
  };
}

const notAsked = (path: string): ReadError =>
  new ReadError(
    'not-in-snapshot',
    `The snapshot does not hold the answer to ${path}, which was not asked when it was written.`,
    'Write it again with this version: eks-drift-audit snapshot --out FILE.',
  );

function toResponse(
  { status, contentType }: { status: number; contentType: string },
  body: Buffer,
): KubeResponse {
  const value = (): unknown => JSON.parse(body.toString('utf8'));
  return {
    status,
    contentType,
    retryAfter: null,
    body,
    text: () => String(value() ?? ''),
    json: () => {
      const found = value();
      // What was no JSON then is none now.
      if (found === null) throw new SyntaxError('this answer was not recorded');
      return found;
    },
  };
}

/** Lists are asked for in the order in which they were written: mostly the file is read once from end to end. */
function createLines(source: SnapshotSource): (number: number) => Promise<Buffer> {
  let lines = source.lines();
  let next = 0;
  return async (number) => {
    if (number < next) {
      await lines.return(undefined);
      lines = source.lines();
      next = 0;
    }
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw damaged(source.name);
      next++;
      if (next > number) return value;
    }
  };
}
