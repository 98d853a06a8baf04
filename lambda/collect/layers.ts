import type { KubeApi } from '../connect/kube/kube-api.ts';
import type { Gap } from '../inventory/gap.ts';
import type { AskLayer, Unmeasured } from '../inventory/layers.ts';
import type { MeasurableNode } from '../inventory/measurable-node.ts';
import { readList } from './read-list.ts';
import { measurableNode } from './read-node.ts';
import type { ClusterRecorder } from './tape/record.ts';

/** What it takes to ask kubelets. */
export interface LayerSources {
  /** Of the cluster, whose proxy may be the way to them; it records nothing. */
  readonly server: KubeApi;
  readonly nodes: readonly MeasurableNode[];
  /** The same that writes down what it is asked, where a snapshot is written. */
  readonly recorded: <Api extends KubeApi>(api: Api) => Api;
}

interface Reader {
  readonly server: KubeApi;
  /** Records. */
  readonly api: KubeApi;
  readonly recorder: ClusterRecorder | undefined;
}

/** Lists the nodes with their addresses and conditions, of which only measuring takes note, and asks their kubelets. */
export async function readLayers(
  { server, api, recorder }: Reader,
  ask: ((sources: LayerSources) => Promise<AskLayer>) | undefined,
): Promise<AskLayer | undefined> {
  if (ask === undefined) return undefined;
  const gaps: Gap[] = [];
  const nodes = await readList(api, gaps, {
    resource: 'nodes',
    kind: 'Node',
    path: '/api/v1/nodes',
    read: measurableNode,
  });
  const [gap] = gaps;
  if (gap !== undefined) {
    const unread = gap.reason === 'not-in-snapshot' ? NOT_WRITTEN : whyUnread(gap);
    return () => unread;
  }
  return ask({ server, nodes, recorded: (other) => recorder?.also(other) ?? other });
}

const NOT_WRITTEN: Unmeasured = {
  reason: 'not-in-snapshot',
  message: 'The snapshot was written without measuring writable layers.',
  remedy:
    'Write it again with a configuration that sets measure.writableLayer: eks-drift-audit snapshot --config FILE --out FILE.',
};

const whyUnread = ({ reason, message, remedy }: Gap): Unmeasured => ({ reason, message, remedy });
