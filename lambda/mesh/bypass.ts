import { MESH_ANNOTATIONS } from '../inventory/annotations.ts';
import { isProxy } from '../inventory/mesh.ts';
import type { PodSpecFacts } from '../inventory/pod.ts';

/** Something that takes traffic of a pod around its sidecar. */
export interface Bypass {
  /** The annotation, or `runAsUser`. */
  readonly by: string;
  readonly value: string;
  /** Completes "Bypasses the sidecar: …". */
  readonly what: string;
}

const LONGEST = 200;

/**
 * What outbound traffic is not redirected to the sidecar. Injection with the CNI plugin writes the defaults of the
 * mesh on each pod, so an annotation alone says nothing: its value does.
 * Sources: https://istio.io/latest/docs/reference/config/annotations/, istio
 * manifests/charts/istio-control/istio-discovery/files/injection-template.yaml, tools/istio-iptables/pkg/capture/run.go.
 */
export function bypassesOf(spec: PodSpecFacts): readonly Bypass[] {
  const value = (key: keyof typeof MESH_ANNOTATIONS): string | undefined =>
    spec.annotations?.[MESH_ANNOTATIONS[key]]?.trim();
  const found: Bypass[] = [];
  const add = (key: keyof typeof MESH_ANNOTATIONS, what: string): void => {
    found.push({ by: MESH_ANNOTATIONS[key], value: (value(key) ?? '').slice(0, LONGEST), what });
  };
  // What else is said is without effect when nothing is redirected.
  if (value('interceptionMode') === 'NONE')
    add('interceptionMode', 'all traffic, since nothing is redirected');
  const included = value('includeRanges');
  if (included !== undefined && included !== '*')
    add('includeRanges', allBut(included, value('includePorts')));
  if (value('excludeRanges')) add('excludeRanges', `traffic to ${cut(value('excludeRanges'))}`);
  if (value('excludePorts')) add('excludePorts', `traffic to port ${cut(value('excludePorts'))}`);
  if (value('excludeInterfaces')) {
    add('excludeInterfaces', `traffic on ${cut(value('excludeInterfaces'))}`);
  }
  return [...found, ...asProxy(spec)];
}

function allBut(ranges: string, ports: string | undefined): string {
  const kept = [...(ranges === '' ? [] : [`to ${cut(ranges)}`]), ...(ports ? [`to port ${cut(ports)}`] : [])];
  return kept.length === 0 ? 'everything' : `all traffic except ${kept.join(' or ')}`;
}

const cut = (text: string | undefined): string => (text ?? '').slice(0, LONGEST);

/**
 * "Ensure your pods do not run applications as a user with the user ID (UID) value of 1337 because 1337 is reserved
 * for the sidecar proxy": its traffic is not redirected, or it would go in circles.
 * Source: https://istio.io/latest/docs/ops/deployment/application-requirements/
 */
const PROXY_USER = 1337;

/** Init containers run as this user on purpose, to reach the network before there is a sidecar; they end. */
function asProxy({ containers, runAsUser }: PodSpecFacts): readonly Bypass[] {
  return containers
    .filter((container) => !isProxy(container) && container.type !== 'init')
    .filter((container) => (container.runAsUser ?? runAsUser) === PROXY_USER)
    .map(({ name }) => ({
      by: 'runAsUser',
      value: String(PROXY_USER),
      what: `all traffic of container ${name}, which runs as the user of the proxy`,
    }));
}
