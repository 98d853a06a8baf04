import type { KubeApi, KubeRequest, KubeResponse } from '../../connect/kube/kube-api.ts';
import { parseResourcePath, statusError } from '../../connect/kube/status-errors.ts';
import { ReadError } from '../../errors.ts';
import type { DeclaredNetwork } from '../../inventory/engine-settings.ts';
import type { ImagesReading } from '../../inventory/images.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { unreadPartsOf, type VpcReading } from '../../inventory/vpc.ts';
import { VERSION } from '../../version.ts';
import { WORTH_ANOTHER } from '../http/retry.ts';
import { podFacts } from './facts.ts';
import {
  type AnswerHeader,
  FORMAT,
  FORMAT_VERSION,
  keyOf,
  type SectionEnd,
  type SectionHeader,
  withMaps,
} from './format.ts';
import { createReducer, isStats } from './reduce.ts';

/** Writes down what one cluster is asked and what it answers, while it is read. */
export interface ClusterRecorder {
  /** To be asked instead of `api`. */
  begin(api: KubeApi, declared: DeclaredNetwork | null): KubeApi;
  /** To be asked instead of another API that belongs to the same cluster, once it has begun. */
  also<Api extends KubeApi>(api: Api): Api;
  vpc(reading: VpcReading): void;
  images(reading: ImagesReading): void;
  /** Ends the section; nothing was asked if there was none. */
  end(): Promise<void>;
  /** Objects and lists that were refused or failed to the last, each once, with why. */
  unanswered(): readonly Unanswered[];
  /** Why parts of the VPC could not be read. */
  unreadVpc(): readonly string[];
  /** How many kubelets were asked in vain, by reason. */
  unmeasured(): ReadonlyMap<string, number>;
}

export interface Unanswered {
  /** Without the query. */
  readonly path: string;
  /** `forbidden`, `server-error`. */
  readonly reason: string;
}

export interface RecorderOptions {
  readonly cluster: ClusterIdentity;
  /** Epoch milliseconds. */
  readonly takenAt: number;
  /** Annotations of pods to keep in addition to those that this version knows. @defaultValue none */
  readonly annotations?: readonly string[];
  /** Takes text and resolves when more may come. */
  readonly write: (text: string) => Promise<void>;
}

export function createRecorder({
  cluster,
  takenAt,
  annotations = [],
  write,
}: RecorderOptions): ClusterRecorder {
  let lines = 0;
  const unanswered = new Map<string, string>();
  let unreadVpc: readonly string[] = [];
  let last: Promise<void> = Promise.resolve();
  const line = (text: string): void => {
    lines++;
    last = last.then(() => write(`${text}\n`));
    // Whoever awaits the end hears of it.
    last.catch(() => undefined);
  };
  return {
    begin(api, declared) {
      const header: SectionHeader = {
        format: FORMAT,
        version: FORMAT_VERSION,
        tool: VERSION,
        takenAt: new Date(takenAt).toISOString(),
        cluster,
        server: api.server,
        ...(api.unverified === undefined ? {} : { unverified: api.unverified }),
        declared,
        facts: podFacts(),
        ...(annotations.length === 0 ? {} : { annotations }),
      };
      line(JSON.stringify(header));
      return recorded(api, { line, written: () => last, unanswered, annotations });
    },
    also: (api) => recorded(api, { line, written: () => last, unanswered, annotations }),
    vpc(reading) {
      unreadVpc = unreadPartsOf(reading);
      line(JSON.stringify({ vpc: reading }, withMaps));
    },
    images(reading) {
      line(JSON.stringify({ images: reading }, withMaps));
    },
    async end() {
      if (lines > 0) {
        const end: SectionEnd = { end: true, lines };
        line(JSON.stringify(end));
      }
      await last;
    },
    // What discovery could not say is a gap of each kind that was asked for.
    unanswered: () =>
      [...unanswered]
        .filter(([path]) => parseResourcePath(path) !== null && !isStats(path))
        .map(([path, reason]) => ({ path, reason })),
    unreadVpc: () => unreadVpc,
    unmeasured: () => {
      const kubelets = [...unanswered].filter(([path]) => isStats(path));
      return new Map(
        [...Map.groupBy(kubelets, ([, reason]) => reason)].map(([reason, { length }]) => [reason, length]),
      );
    },
  };
}

interface Recording {
  readonly line: (text: string) => void;
  readonly written: () => Promise<void>;
  /** Reasons by path. */
  readonly unanswered: Map<string, string>;
  readonly annotations: readonly string[];
}

/** Refusals are answers that are the same however often one asks. */
const REFUSED: ReadonlySet<number> = new Set([401, 403]);

function recorded<Api extends KubeApi>(api: Api, { line, written, unanswered, annotations }: Recording): Api {
  const reduce = createReducer(annotations);
  const attempts = new Map<string, number>();
  const note = (header: AnswerHeader, body: string | null): void => {
    line(JSON.stringify(header));
    line(body ?? 'null');
  };
  const failed = (key: string, path: string, { reason, message, remedy }: ReadError): void => {
    unanswered.set(path, reason);
    const count = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, count);
    note({ key, answer: { failed: { reason, message, remedy }, attempts: count } }, null);
  };
  return {
    ...api,
    async request(request: KubeRequest): Promise<KubeResponse> {
      const key = keyOf(request);
      const { path } = request;
      let response: KubeResponse;
      try {
        response = await api.request(request);
      } catch (error) {
        if (error instanceof ReadError) failed(key, path, error);
        throw error;
      }
      if (WORTH_ANOTHER.has(response.status)) {
        failed(key, path, statusError(api.server, path, response));
      } else {
        attempts.delete(key);
        unanswered.delete(path);
        const { status, contentType, body, refused } = reduce(path, response);
        if (REFUSED.has(status)) unanswered.set(path, statusError(api.server, path, response).reason);
        if (refused === undefined) note({ key, answer: { status, contentType } }, body);
        else failed(key, path, refused);
        // A disk that is slower than the network must not fill the memory.
        await written();
      }
      return response;
    },
  };
}
