import type { PolicyObject } from '../../inventory/model.ts';
import type { PolicyAgent, PolicyEngineName } from '../../inventory/network.ts';

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

/** What is known of an engine from its documentation and source. */
export interface PolicyEngine {
  readonly name: PolicyEngineName;
  /** For people. */
  readonly title: string;
  readonly link: string;
  readonly enforces: (type: PolicyType, agent: PolicyAgent) => Enforces;
  /** What holds whatever the policies are, for the notes of an answer. */
  readonly departures: (agent: PolicyAgent) => readonly Departure[];
}

export type PolicyType = Pick<PolicyObject, 'apiVersion' | 'kind'>;

export const groupOf = ({ apiVersion }: PolicyType): string => apiVersion.split('/')[0] ?? '';

/** The core kind; files may still name the group that it left in Kubernetes 1.16. */
export const isCore = (type: PolicyType): boolean =>
  type.kind === 'NetworkPolicy' && ['networking.k8s.io', 'extensions'].includes(groupOf(type));

/**
 * @param version of the agent, `null` if not known
 * @returns `null` if it cannot be told
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
  { version }: PolicyAgent,
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
