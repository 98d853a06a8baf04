import type { NetworkFacts } from '../../inventory/network.ts';
import { API_VERSION, CRD_VERSION } from '../kinds/calico/context.ts';
import { atLeast } from './policy-engine.ts';

/**
 * The first version that can keep policies as projectcalico.org/v3 itself; to earlier ones that group is but a view of
 * crd.projectcalico.org/v1 by Calico's API server.
 */
const NATIVE_SINCE = '3.31.0';

/**
 * From which API Calico's agents read policies, if all of them say the same.
 * https://docs.tigera.io/calico/latest/operations/crd-migration
 */
export function calicoApiOf(network: Pick<NetworkFacts, 'kinds'>): string | null {
  const agents = calicoAgents(network);
  const apis = new Set(
    agents.map(({ apiGroup = null, version }) =>
      apiGroup === null && atLeast(version, NATIVE_SINCE) === false ? CRD_VERSION : apiGroup,
    ),
  );
  const [api = null] = apis;
  return apis.size === 1 && (api === CRD_VERSION || api === API_VERSION) ? api : null;
}

/** Whether both APIs show the same objects here, so that either is complete: every agent is of a version before. */
export const isCalicoApiAView = (network: Pick<NetworkFacts, 'kinds'>): boolean =>
  calicoAgents(network).every(({ version }) => atLeast(version, NATIVE_SINCE) === false);

const calicoAgents = ({ kinds }: Pick<NetworkFacts, 'kinds'>) =>
  kinds.flatMap((kind) => kind.agents.filter(({ engine }) => engine === 'calico'));
