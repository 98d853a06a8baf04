import type { EngineSettings, Unread } from '../../inventory/engine-settings.ts';
import { apiGroupOf } from '../../inventory/names.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';
import type { PolicyAgent, PolicyEngineName } from '../../inventory/policy-agent.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';

/** Something that an engine does otherwise than the specification says, or a limit of it. */
export interface Departure {
  readonly id: string;
  /** One sentence. */
  readonly text: string;
  readonly link: string;
}

/** Whether an engine enforces a kind of policy. */
export type Enforces =
  | { readonly answer: 'yes' }
  /** `why` is a sentence without capital and full stop. */
  | { readonly answer: 'no'; readonly why: string; readonly link: string }
  | { readonly answer: 'unknown'; readonly why: string; readonly link: string };

export const YES: Enforces = { answer: 'yes' };

/** An agent with everything that its engine depends on. */
export interface AgentPlace {
  readonly agent: PolicyAgent;
  readonly node: NodeNetwork;
  readonly settings: EngineSettings;
}

/** Whether an engine enforces policies on a node at all. */
export type EngineState =
  /** With the agent as its settings make it. */
  | { readonly state: 'on'; readonly agent: PolicyAgent }
  /** `because` is a sentence. */
  | { readonly state: 'off'; readonly because: string; readonly link: string }
  | ({ readonly state: 'unknown' } & Unread);

/** What is known of an engine from its documentation and source. */
export interface PolicyEngine {
  readonly name: PolicyEngineName;
  /** For people. */
  readonly title: string;
  readonly link: string;
  readonly stateOf: (place: AgentPlace) => EngineState;
  readonly enforces: (type: PolicyType, place: AgentPlace) => Enforces;
  /** Kinds of its own API that may allow or deny before others, and that this version does not read. */
  readonly unreadKinds?: { readonly names: string; readonly remedy: string };
  /** What holds whatever the policies are, for the notes of an answer. */
  readonly departures: (place: AgentPlace) => readonly Departure[];
}

/** What the pod of an agent says by itself. */
export function ownWord(
  { title, link }: Pick<PolicyEngine, 'title' | 'link'>,
  { agent }: AgentPlace,
): EngineState {
  const { enabled, running } = agent;
  if (enabled === false) {
    return {
      state: 'off',
      because: `On the node of the pod, ${title} has network policies disabled, and no other engine runs there.`,
      link,
    };
  }
  if (enabled === true && running === true) return { state: 'on', agent };
  return {
    state: 'unknown',
    reason: 'field-missing',
    message: `Whether ${title} enforces policies on the node is not known: its agent there ${enabled === null ? 'does not say so' : 'does not run'}.`,
    remedy: 'See kubectl -n kube-system get pods -o wide for the agent on that node, and audit again.',
  };
}

export type PolicyType = Pick<PolicyObject, 'apiVersion' | 'kind'>;

/** The core kind; files may still name the group that it left in Kubernetes 1.16. */
export const isCore = (type: PolicyType): boolean =>
  type.kind === 'NetworkPolicy' && ['networking.k8s.io', 'extensions'].includes(apiGroupOf(type.apiVersion));

/**
 * @param version of the agent, `null` if not known
 * @returns `null` if it is not known
 */
export function atLeast(version: string | null, wanted: string): boolean | null {
  if (version === null) return null;
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (const [index, part] of b.entries()) {
    const other = a[index] ?? 0;
    if (other !== part) return other > part;
  }
  return true;
}

/** Kinds that an engine has from a version on. */
export function since(
  { version }: Pick<PolicyAgent, 'version'>,
  wanted: string,
  { title, link }: { readonly title: string; readonly link: string },
): Enforces {
  const reached = atLeast(version, wanted);
  if (reached === true) return YES;
  return reached === null
    ? {
        answer: 'unknown',
        why: `${title} reads this kind from ${wanted} on, and the version that runs is not known`,
        link,
      }
    : { answer: 'no', why: `${title} reads this kind from ${wanted} on, and ${version} runs`, link };
}
