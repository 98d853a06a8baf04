import type { NetworkFacts } from '../../inventory/network.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { compareText } from '../../inventory/workload.ts';
import type { Decision } from '../decide/evaluate.ts';
import type { Applied, Policy, Rule } from '../policies/policy.ts';
import { isNothing } from '../sets/address-set.ts';
import { enforcesPolicy, IDENTITY_LABELS } from './cilium-identity.ts';
import { type NotMatched, notMatchedBy, perhapsSelected } from './cilium-not-matched.ts';
import type { Enforcement, EnforcementGap } from './enforcement.ts';
import { familyGap } from './family.ts';
import type { PlacedPod } from './placed-pod.ts';
import type { Enforces } from './policy-engine.ts';
import { lostDenials } from './port-limit.ts';
import type { Open } from './possible.ts';
import { departuresOf } from './reach.ts';
import { type Acting, enforcementOn } from './situation.ts';

export interface EnforcementInput {
  readonly applied: readonly Applied[];
  readonly hostNetwork: boolean;
  readonly network: NetworkFacts;
  /** Policies that do not select the pods by their text, but may under Cilium. */
  readonly unselectedPolicies: readonly NotMatched[];
  readonly objectsOf: (policy: Policy) => readonly PolicyObject[];
  /** What some of the policies come to. */
  readonly decideOf: (applied: readonly Applied[]) => Decision;
  /** Whether policies for incoming traffic alone select the pods; `null`: not known. */
  readonly ingressOnly: boolean | null;
  /** Whether these are manifests, for which nothing enforces policies yet. */
  readonly asDeclared: boolean;
  /** Why what the policies say is not known, if it is not. */
  readonly undecided: Open | null;
}

/** What happens to pods on one kind of node. */
type OnNode =
  | { readonly state: 'enforced'; readonly engines: readonly Acting[] }
  | {
      readonly state: 'not-enforced';
      readonly engines: readonly Acting[];
      readonly gap: Omit<EnforcementGap, 'pods' | 'on'>;
    }
  | ({ readonly state: 'unknown' } & Open);

export const NOT_PLACED: Open = {
  reason: 'no-running-pod',
  message: 'Whether its policies are enforced is not known: no pod of it is on a node that was read.',
  remedy: 'Audit again while it runs, with its pods and the nodes.',
};

/**
 * Whether the policies of some pods are enforced where they are. Pods that are on no node yet are
 * judged by all kinds of nodes: only if each would enforce them is that known.
 */
export function judgeEnforcement(input: EnforcementInput, pod: PlacedPod): Enforcement {
  if (input.applied.length === 0 || input.hostNetwork) return { state: 'none' };
  const gaps: EnforcementGap[] = [];
  const engines = new Set<string>();
  let open: Open | null = pod.placements.length === 0 ? NOT_PLACED : null;
  for (const { network, pods } of pod.placements) {
    if (network === null) {
      const would = input.network.kinds.map((kind) => onNode(input, pod, kind));
      const first = would.find(({ state }) => state !== 'enforced');
      if (would.length === 0 || first !== undefined) open ??= NOT_PLACED;
      continue;
    }
    const found = onNode(input, pod, network);
    if (found.state === 'unknown') open ??= found;
    else for (const { engine } of found.engines) engines.add(engine.title);
    if (found.state === 'not-enforced') gaps.push({ ...found.gap, pods, on: network });
  }
  if (gaps.length > 0) {
    const kinds = new Set(gaps.map(({ on }) => on));
    const concerns = (node: string | null): boolean => {
      const kind = node === null ? undefined : input.network.nodes.get(node);
      return kind !== undefined && kinds.has(kind);
    };
    return { state: 'not-enforced', gaps, concerns };
  }
  return open === null ? { state: 'enforced', engines: [...engines].sort() } : { state: 'unknown', ...open };
}

/**
 * Why no policy at all would have an effect on some pods where they are, also where there is none yet: sentences, that of
 * most pods first.
 */
export function unenforced(
  { hostNetwork, asDeclared, network }: EnforcementInput,
  pod: PlacedPod,
): readonly string[] {
  if (hostNetwork || asDeclared) return [];
  const reasons = new Map<string, number>();
  for (const { network: node, pods } of pod.placements) {
    const who = node === null ? null : enforcementOn(node, pod, network);
    if (who?.state === 'nobody') reasons.set(who.because, (reasons.get(who.because) ?? 0) + pods);
  }
  return [...reasons]
    .sort(([a, some], [b, others]) => others - some || compareText(a, b))
    .map(([because]) => because);
}

/** What must be known to read the enforced ranges right: sentences with links. */
export function enforcementNotes(input: EnforcementInput, pod: PlacedPod): readonly string[] {
  if (input.applied.length === 0 || input.hostNetwork) return [];
  const notes = new Set<string>();
  for (const { network } of pod.placements) {
    if (network === null) continue;
    const found = onNode(input, pod, network);
    if (found.state === 'unknown') continue;
    if (found.state === 'not-enforced') {
      const { policies, because, link } = found.gap;
      notes.add(`Not enforced: ${policies.join(', ')}. ${because} (${link})`);
    }
    for (const departure of found.engines.flatMap((acting) => departuresOf(input, acting))) {
      notes.add(`${departure.text} (${departure.link})`);
    }
  }
  return [...notes];
}

function onNode(input: EnforcementInput, pod: PlacedPod, node: NodeNetwork): OnNode {
  const sure = input.applied.filter(({ definite }) => definite).map(({ policy }) => policy);
  const who = enforcementOn(node, pod, input.network);
  if (who.state === 'unknown') return who;
  if (sure.length === 0) {
    const message = input.undecided?.message ?? 'Whether any policy selects the pod is not known.';
    return {
      state: 'unknown',
      reason: 'policy-not-understood',
      message,
      remedy: 'See the egress checks of this workload.',
    };
  }
  if (who.state === 'nobody') {
    return {
      state: 'not-enforced',
      engines: [],
      gap: { policies: namesOf(sure), because: who.because, link: who.link },
    };
  }
  const { engines } = who;
  const answers = sure.map((policy) => ({ policy, answer: best(policy, input.objectsOf(policy), engines) }));
  const [ignored] = answers.flatMap(({ answer }) => (answer.answer === 'no' ? [answer] : []));
  if (ignored !== undefined) {
    const policies = namesOf(
      answers.flatMap(({ policy, answer }) => (answer.answer === 'no' ? [policy] : [])),
    );
    return {
      state: 'not-enforced',
      engines,
      gap: { policies, because: sentence(ignored.why), link: ignored.link },
    };
  }
  for (const { policy, answer } of answers) {
    if (answer.answer !== 'unknown') continue;
    const message = `Whether ${policy.name} is enforced is not known: ${answer.why}.`;
    return { state: 'unknown', reason: 'field-missing', message, remedy: `See ${answer.link}.` };
  }
  const limit = engines.map((acting) => lostDenials(sure.flatMap(input.objectsOf), acting)).find(Boolean);
  if (limit) return { state: 'unknown', reason: 'platform', ...limit };
  const family = familyGap(input, sure, engines);
  if (family !== null && 'because' in family) {
    return { state: 'not-enforced', engines, gap: { policies: namesOf(sure), ...family } };
  }
  if (family !== null) return { state: 'unknown', reason: 'field-missing', ...family };
  return perhapsSelectedToo(engines, input) ?? moreAllowed(engines, input) ?? { state: 'enforced', engines };
}

/** A policy that may select the pod, which no engine reads or of which that is not known. */
function perhapsSelectedToo(engines: readonly Acting[], input: EnforcementInput): OnNode | null {
  const found = input.applied.find(
    ({ policy, definite }) => !definite && best(policy, input.objectsOf(policy), engines).answer !== 'yes',
  );
  if (found === undefined) return null;
  const { name } = found.policy;
  return {
    state: 'unknown',
    reason: 'policy-not-understood',
    message: `Whether ${name} selects the pod is not known, and it may have no effect here.`,
    remedy: `If ${name} selects by labels of namespaces, grant list on namespaces, or include them, and audit again. Otherwise see the egress checks of this workload.`,
  };
}

const mayOpen = ({ action, potentialCover, hosts }: Rule): boolean =>
  action !== 'deny' && (hosts.length > 0 || !isNothing(potentialCover));

/** What another policy allows goes beyond what those that select the pod by their text say. */
function moreAllowed(
  engines: readonly Acting[],
  { unselectedPolicies, objectsOf }: EnforcementInput,
): OnNode | null {
  const found = engines
    .flatMap((acting) => notMatchedBy(acting, unselectedPolicies, objectsOf))
    .find(({ policy }) => policy.rules.some(mayOpen));
  if (found === undefined) return null;
  const remedy = `Select by labels that are part of identities; see ${IDENTITY_LABELS}.`;
  return { state: 'unknown', reason: 'field-missing', message: perhapsSelected(found), remedy };
}

const namesOf = (policies: readonly Policy[]): readonly string[] =>
  [...new Set(policies.map(({ name }) => name))].sort();

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** One engine that enforces a policy is enough. Of objects of one name all must be enforced. */
function best(policy: Policy, objects: readonly PolicyObject[], engines: readonly Acting[]): Enforces {
  const answers = objects.map((object) => {
    const each = engines.map((acting) => enforcesPolicy(policy, object, acting));
    return (
      each.find(({ answer }) => answer === 'yes') ??
      each.find(({ answer }) => answer === 'unknown') ??
      each[0]
    );
  });
  const [first] = answers;
  if (first === undefined) return { answer: 'unknown', why: 'its kind is not known', link: '' };
  if (answers.every((one) => one?.answer === first.answer)) return first;
  return { answer: 'unknown', why: 'policies of several kinds have this name', link: '' };
}
