import type { Setting } from '../../inventory/engine-settings.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import type { WaysOut } from '../../inventory/vpc.ts';
import { parseLabelSelector, type Selector } from '../policies/selector.ts';
import { type Fields, field, isFields, isUnset } from '../policies/shape.ts';

/**
 * SecurityGroupPolicies say which security groups pods get that are made from now on; which ones a pod has
 * is shown by its interface. So they change an answer only where that cannot be seen, and note what differs.
 * https://docs.aws.amazon.com/eks/latest/userguide/sg-pods-example-deployment.html
 */
export interface GroupPolicies {
  /** What pods of a workload must know of these policies: sentences, each once. */
  notes(classes: readonly PodClass[]): readonly string[];
  /** By which ways pods of a class leave, as far as these policies leave that known. */
  exitsOf(subject: PodClass): WaysOut | undefined;
}

interface GroupPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly groups: readonly string[];
  readonly pods: Selector | null;
  /** Whether it selects by labels of service accounts, too. */
  readonly byAccount: boolean;
}

/** Every pod-label key that some of them selects on. */
export const groupPolicyLabelKeys = (policies: readonly PolicyObject[]): ReadonlySet<string> =>
  new Set(policies.flatMap(parse).flatMap(({ pods }) => pods?.keys ?? []));

export function createGroupPolicies(found: Setting<readonly PolicyObject[]> = { known: [] }): GroupPolicies {
  if ('unread' in found) {
    const { message, remedy } = found.unread;
    const note = `Routable: whether pods are older than security groups meant for them is not known: ${message} ${remedy}`;
    return { notes: () => [note], exitsOf: ({ exits }) => exits };
  }
  const byNamespace = Map.groupBy(found.known.flatMap(parse), ({ namespace }) => namespace);
  const selected = (subject: PodClass): Selected =>
    select(byNamespace.get(subject.workload.namespace) ?? [], subject);
  return {
    notes: (classes) => [...new Set(classes.flatMap((subject) => notesOf(subject, selected(subject))))],
    exitsOf(subject) {
      const { exits } = subject;
      const { definite, perhaps } = selected(subject);
      const hidden = exits?.sharedOn.includes('auto') && definite.length + perhaps.length > 0;
      return hidden ? { ways: [], unknown: [onAutoMode([...definite, ...perhaps])] } : exits;
    },
  };
}

/**
 * One without security groups or any selector is ignored (`filterPodSecurityGroups`, pkg/utils/helper.go
 * of aws/amazon-vpc-resource-controller-k8s). An empty selector selects all, one that is not set none.
 */
function parse({ namespace, name, spec }: PolicyObject): readonly GroupPolicy[] {
  const fields: Fields = isFields(spec) ? spec : {};
  const securityGroups = field(fields, 'securityGroups');
  const ids = isFields(securityGroups) ? field(securityGroups, 'groupIds') : null;
  const groups = Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
  const podSelector = field(fields, 'podSelector');
  const byAccount = !isUnset(field(fields, 'serviceAccountSelector'));
  if (groups.length === 0 || (isUnset(podSelector) && !byAccount)) return [];
  const pods = isUnset(podSelector) ? null : parseLabelSelector(podSelector, 'podSelector', []);
  return [{ name: `${namespace}/${name}`, namespace, groups, pods, byAccount }];
}

/** What selects some pods; their groups count together. */
interface Selected {
  readonly definite: readonly GroupPolicy[];
  readonly perhaps: readonly GroupPolicy[];
}

/**
 * With both selectors, both must match. The labels of service accounts are not read. Pods in the network of
 * their node get no groups, nor do Windows pods (`WhichPod`, webhooks/core/pod_webhook.go there).
 */
function select(policies: readonly GroupPolicy[], { labels, spec }: PodClass): Selected {
  if (spec.hostNetwork || spec.os === 'windows') return { definite: [], perhaps: [] };
  const matching = policies.map((policy) => ({
    policy,
    match: policy.pods === null ? true : policy.pods.matches(labels),
  }));
  const isSure = ({ policy, match }: (typeof matching)[number]): boolean =>
    match === true && !policy.byAccount;
  return {
    definite: matching.filter(isSure).map(({ policy }) => policy),
    perhaps: matching.filter((one) => one.match !== false && !isSure(one)).map(({ policy }) => policy),
  };
}

function notesOf({ exits, placements }: PodClass, { definite, perhaps }: Selected): readonly string[] {
  const older = exits?.sharedOn.includes('ec2') ?? false;
  const toCome = placements.some(({ network }) => network === null);
  return [
    ...(older ? about(definite, OLDER.definite) : []),
    ...(older ? about(perhaps, OLDER.perhaps) : []),
    ...(toCome ? about(definite, TO_COME.definite) : []),
    ...(toCome ? about(perhaps, TO_COME.perhaps) : []),
  ];
}

type Sentence = (policies: string, groups: string) => string;

/** The groups of all policies count together. */
const about = (policies: readonly GroupPolicy[], sentence: Sentence): readonly string[] =>
  policies.length === 0
    ? []
    : [sentence(namesOf(policies), listed([...new Set(policies.flatMap(({ groups }) => groups))].sort()))];

const namesOf = (policies: readonly GroupPolicy[]): string =>
  `SecurityGroupPolicy ${listed(policies.map(({ name }) => name).sort())}`;

const MOST_NAMES = 5;

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const NOT_SURE = 'its selectors read labels of service accounts, or what is not understood';

/** Without ENABLE_POD_ENI no node offers the interface that pods made anew then wait for. */
const OLDER: Readonly<Record<keyof Selected, Sentence>> = {
  definite: (policies, groups) =>
    `Routable: pods without their own network interface are older than ${policies} and run with the security groups of their nodes. Restart them, with ENABLE_POD_ENI on, to give them ${groups}.`,
  perhaps: (policies, groups) =>
    `Routable: pods without their own network interface run with the security groups of their nodes. ${policies} may select them (${NOT_SURE}). If so, they are older, and restarting them, with ENABLE_POD_ENI on, gives them ${groups}.`,
};

const TO_COME: Readonly<Record<keyof Selected, Sentence>> = {
  definite: (policies, groups) =>
    `Routable: new pods get the security groups ${groups} of ${policies}, whatever those of their nodes allow.`,
  perhaps: (policies, groups) =>
    `Routable: new pods may get the security groups ${groups} of ${policies} (${NOT_SURE}).`,
};

/** There nothing that is read names the interface (https://docs.aws.amazon.com/eks/latest/userguide/auto-sgp.html). */
const onAutoMode = (policies: readonly GroupPolicy[]): string =>
  `What the VPC routes is not known: on nodes of EKS Auto Mode pods may have an interface with the security groups of ${namesOf(policies)}. Look at the network interfaces of the node in EC2.`;
