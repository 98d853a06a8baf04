import type { Evidence, Json } from '../../findings/finding.ts';
import type { Compute, InstanceMetadata } from '../../inventory/node-network.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { isNumber, isObject } from '../new-facts.ts';

/** What the nodes of a class do with requests of its pods to the metadata service. */
export interface NodeMetadata {
  /**
   * `absent`: there is no such service, on Fargate and hybrid nodes. `refused`: every node refuses these pods. `open`: some node
   * answers. `unread`: the settings of some node are not known.
   */
  readonly answer: 'absent' | 'refused' | 'open' | 'unread';
  /** The settings of the kinds of nodes; text where they were not read. */
  readonly evidence: Json;
}

/**
 * "The Amazon EC2 instance metadata service (IMDS) isn't available to Pods that are deployed to Fargate nodes."
 * https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
 * Hybrid nodes are machines outside of AWS, with credentials of their own kind:
 * https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-creds.html
 */
const WITHOUT_SERVICE: ReadonlyMap<Compute, string> = new Map([
  ['fargate', 'Fargate has no metadata service'],
  ['hybrid', 'hybrid nodes have no metadata service'],
]);

export function nodeMetadataOf({ placements, spec }: PodClass): NodeMetadata {
  const nodes = placements.map(({ network }) => network);
  const absent = new Set(nodes.flatMap((node) => WITHOUT_SERVICE.get(node?.compute ?? 'unknown') ?? []));
  const others = nodes.filter((node) => !WITHOUT_SERVICE.has(node?.compute ?? 'unknown'));
  if (nodes.length > 0 && others.length === 0) {
    return { answer: 'absent', evidence: [...absent].sort().join(', ') };
  }
  const settings = others.map((node) => node?.metadata ?? null);
  const known = settings.filter((one) => one !== null);
  const evidence = known.length === 0 ? 'not read' : distinct(known);
  if (known.some((one) => refuses(one, spec.hostNetwork) === false)) return { answer: 'open', evidence };
  const all = known.length > 0 && known.length === settings.length;
  const refused = all && known.every((one) => refuses(one, spec.hostNetwork) === true);
  return { answer: refused ? 'refused' : 'unread', evidence };
}

/**
 * Whether an instance keeps its metadata from pods: by no service at all, or by tokens that are required and
 * do not travel beyond the node. The limit holds for tokens alone, so that it stops no pod while IMDSv1 answers,
 * and none on the network of the node.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html
 * (HttpPutResponseHopLimit, "the maximum number of hops that the metadata token can travel") and
 * https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
 * @returns `null` if it is not known
 */
function refuses({ enabled, tokens, hopLimit }: InstanceMetadata, hostNetwork: boolean): boolean | null {
  if (enabled === false) return true;
  if (hostNetwork) return enabled === null ? null : false;
  if (tokens === 'optional' || (hopLimit !== null && hopLimit > 1)) return enabled === null ? null : false;
  return tokens === 'required' && hopLimit === 1 ? true : null;
}

const distinct = (settings: readonly InstanceMetadata[]): Json =>
  [
    ...new Map(
      settings.map(({ enabled, tokens, hopLimit, ipv6 }) => {
        const one = { enabled, tokens, hopLimit, ipv6 };
        return [JSON.stringify(one), one];
      }),
    ).entries(),
  ]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);

/** Nodes that keep their metadata from pods less than any did: customers set that, also below managed workloads. */
export function moreOpenNodes(before: readonly Json[], now: readonly Json[]): readonly string[] {
  const [former, present] = [before.filter(isObject), now.filter(isObject)];
  const hopsOf = ({ hopLimit }: Evidence): number => (isNumber(hopLimit) ? hopLimit : 0);
  const mostHops = Math.max(0, ...present.map(hopsOf));
  const lacksTokens = ({ tokens }: Evidence): boolean => tokens === 'optional';
  return [
    ...(present.some(lacksTokens) && !former.some(lacksTokens) ? ['some nodes answer without a token'] : []),
    ...(mostHops > 1 && former.every((one) => hopsOf(one) < mostHops)
      ? [`some nodes have a hop limit of ${mostHops}`]
      : []),
  ];
}
