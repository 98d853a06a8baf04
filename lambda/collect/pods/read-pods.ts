import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type { PodFold } from '../../inventory/fold.ts';
import type { Gap } from '../../inventory/gap.ts';
import type { PodRecord } from '../../inventory/pod.ts';
import { listAll } from '../http/list.ts';
import { repeated } from '../http/list-errors.ts';
import { UntrustedList } from '../http/list-page.ts';
import { createSeenObjects } from '../http/seen-objects.ts';
import { malformedGap, type PodObserver } from '../observe.ts';
import { PATHS } from '../paths.ts';
import { gapOf } from '../read-list.ts';
import { MalformedObject } from '../read-object.ts';
import { createPodReader, type PodItem } from './pod-reader.ts';

export interface PodOptions {
  /** Only pods of these namespaces. @defaultValue all pods */
  readonly namespaces?: readonly string[];
  /** Keep the addresses of pods and of their nodes. @defaultValue false */
  readonly podAddresses?: boolean | undefined;
  /** Annotations of pods to keep in addition to those that this version knows. @defaultValue none */
  readonly annotations?: readonly string[] | undefined;
  /** Sees every pod as it is read. */
  readonly observer: PodObserver;
  readonly onPage: (progress: { readonly pages: number; readonly pods: number }) => void;
}

/** Reads the pods of a cluster into a fold, page by page. @returns whether some of them are on nodes */
export async function readPods(
  api: KubeApi,
  { fold, gaps, options }: { readonly fold: PodFold; readonly gaps: Gap[]; readonly options: PodOptions },
): Promise<{ readonly onNodes: boolean }> {
  let broken: Gap[] = [];
  let onNodes = false;
  let seen = createSeenObjects();
  let pages = 0;
  let pods = 0;
  let before = 0;
  const forget = (): void => {
    fold.restart();
    options.observer.restart();
    broken = [];
    seen = createSeenObjects();
    pages = 0;
    pods = 0;
    before = 0;
  };
  const reader = createPodReader({ addresses: options.podAddresses, annotations: options.annotations });
  const add = (item: PodItem): void => {
    let pod: PodRecord;
    try {
      pod = reader.read(item);
    } catch (error) {
      if (!(error instanceof MalformedObject)) throw error;
      broken.push(malformedGap('pods', reader.nameOf(item), error));
      return;
    }
    if (seen.has(pod.uid ?? `${pod.namespace}/${pod.name}`))
      throw new UntrustedList(...repeated('pods', pods));
    fold.add(pod);
    options.observer.add(pod);
    onNodes ||= pod.nodeName !== null;
    pods++;
  };
  const lists = podLists(options);
  const open = new Set(lists);
  let current: PodList | undefined;
  try {
    for (const list of open) {
      current = list;
      before = pods;
      await listAll(
        api,
        { path: list.path, kind: 'Pod', codec: reader.codec },
        {
          onPage(items) {
            for (const item of items) add(item);
            pages++;
            options.onPage({ pages, pods });
          },
          onRestart() {
            forget();
            // Lists before it were forgotten as well: they are read again after it.
            for (const other of lists.filter((one) => one !== list)) {
              open.delete(other);
              open.add(other);
            }
          },
        },
      );
    }
  } catch (error) {
    // What was read is audited all the same; the gap keeps it from reading as the whole.
    const namespace = current?.namespace ?? null;
    gaps.push(gapOf('pods', error, readSoFar(pods, { namespace, before, isOneOf: lists.length })));
  }
  gaps.push(...broken);
  return { onNodes };
}

interface PodList {
  readonly path: string;
  /** `null`: of all namespaces. */
  readonly namespace: string | null;
}

const podLists = ({ namespaces }: PodOptions): readonly PodList[] =>
  namespaces?.map((namespace) => ({
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    namespace,
  })) ?? [{ path: PATHS.pods, namespace: null }];

/** Where a part of a cluster ends early, which namespace is the one that takes so long. */
function readSoFar(
  pods: number,
  {
    namespace,
    before,
    isOneOf,
  }: { readonly namespace: string | null; readonly before: number; readonly isOneOf: number },
): string {
  if (namespace === null) return pods > 0 ? ` (after ${pods} pods)` : '';
  return ` (after ${pods} pods, ${pods - before} of them in the namespace ${namespace}, one of ${isOneOf})`;
}
