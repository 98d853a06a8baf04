import { judgeInventory } from '../audit/audit-cluster.ts';
import type { Config } from '../config/config.ts';
import { reachBeyond } from '../egress/answers/difference.ts';
import { awsServices } from '../egress/approved/aws-services.ts';
import type { Reach, Unknown } from '../egress/sets/reach.ts';
import { applyPolicies } from '../egress/suggest/apply.ts';
import { type DraftObject, draftOf, keptRules, narrowed, policyOfDraft } from '../egress/suggest/draft.ts';
import { DNS, notKept } from '../egress/suggest/suggest.ts';
import { chooseLabels } from '../egress/suggest/suggest-labels.ts';
import type { Finding } from '../findings/finding.ts';
import type { FoldedCause } from '../findings/fold-causes.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Labels, WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { workloadKey } from '../inventory/workload.ts';
import type { AllLabels } from './all-labels.ts';
import { type Enforcing, enforcementOf } from './change.ts';
import type { ObservedWorkload } from './label-observer.ts';
import { answerOf, engineOf, workloadViews } from './views.ts';

/** A policy to begin with, and what it would do. Nothing in it comes from traffic that was seen. */
export interface Draft {
  readonly policies: readonly DraftObject[];
  /** What each workload that it selects would lose of what its policies allow. */
  readonly cuts: readonly { readonly workload: WorkloadRef; readonly lost: Reach | Unknown }[];
  /** Workloads of the cause that no policy can select, since their pods have no lasting label of their own. */
  readonly unlabelled: readonly WorkloadRef[];
  /** Workloads that are selected as well. */
  readonly alsoSelects: readonly WorkloadRef[];
  /** Findings of the cause that stay, and others that would be new, when everything is judged again with it. */
  readonly remaining: readonly Finding[];
  readonly appearing: readonly Finding[];
  readonly enforcement: Enforcing;
  readonly dnsSeen: boolean;
  /** Whether a cache on each node answers for it (NodeLocal DNSCache), which no selector of pods names. */
  readonly nodeLocalDns: boolean;
  /** Rules of the cause that it leaves as they are, since they are of other kinds. */
  readonly left: readonly string[];
  /** Approved destinations that it cannot name; whole sentences. */
  readonly notKept: readonly string[];
}

/** What was read of one cluster. */
export interface DraftSource {
  readonly inventory: Inventory;
  readonly labels: AllLabels;
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A draft for what the network must change to remove a cause; `null` where no policy of Kubernetes would. */
export function draftFor(folded: FoldedCause, source: DraftSource): Draft | null {
  switch (folded.cause.kind) {
    case 'no-egress-policy':
      return namespaceDraft(folded, source);
    case 'rule-too-wide':
      return ruleDraft(folded, source);
    default:
      return null;
  }
}

/** `IsDNS1123Subdomain`, k8s.io/apimachinery/pkg/util/validation; a file may say anything. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?$/;

function namespaceDraft(folded: FoldedCause, source: DraftSource): Draft | null {
  const { inventory, labels, config } = source;
  const namespace = folded.cause.object.name;
  if (!NAME.test(namespace)) return null;
  const wanted = new Set(folded.findings.map(({ workload }) => workloadKey(workload)));
  const all = labels.workloadsOf(namespace);
  const own = all.filter(({ workload, hostNetwork }) => wanted.has(workloadKey(workload)) && !hostNetwork);
  const rules = keptRules({ ...config.egress, services: awsServices(inventory.vpc) });
  const whole = all.every(({ workload, hostNetwork }) => hostNetwork || wanted.has(workloadKey(workload)));
  if (whole) {
    const name = freeName('default-egress', namespace, inventory.policies);
    const policy = draftOf({ name, namespace, matchLabels: {} }, rules);
    return judged(
      { policies: [policy], selected: new Map(), unlabelled: [], alsoSelects: [] },
      folded,
      source,
    );
  }
  // Policies add up: one for all would widen those that are narrower.
  const chosen = own.map((one) => ({ one, labels: chooseLabels(one, othersOf(one, all)) }));
  const selectable = chosen.flatMap(({ one, labels: found }) =>
    found === null || !NAME.test(one.workload.name) ? [] : [{ one, found }],
  );
  return judged(
    {
      policies: selectable.map(({ one: { workload }, found: { matchLabels } }) => {
        const name = freeName(`${workload.name}-egress`, namespace, inventory.policies);
        return draftOf({ name, namespace, matchLabels }, rules);
      }),
      selected: new Map(
        selectable.flatMap(({ one, found }) =>
          [...found.alsoSelects, one.workload].map((each) => [workloadKey(each), found.matchLabels] as const),
        ),
      ),
      unlabelled: chosen
        .filter(({ one }) => !selectable.some((other) => other.one === one))
        .map(({ one }) => one.workload),
      alsoSelects: selectable
        .flatMap(({ found }) => found.alsoSelects)
        .filter((workload) => !wanted.has(workloadKey(workload))),
    },
    folded,
    source,
  );
}

const othersOf = (own: ObservedWorkload, all: readonly ObservedWorkload[]): readonly ObservedWorkload[] =>
  all.filter(({ workload }) => workloadKey(workload) !== workloadKey(own.workload));

function freeName(wanted: string, namespace: string, policies: readonly PolicyObject[]): string {
  const taken = new Set(policies.filter((one) => one.namespace === namespace).map(({ name }) => name));
  for (let index = 1; ; index++) {
    const name = index === 1 ? wanted : `${wanted}-${index}`;
    if (!taken.has(name)) return name;
  }
}

/** The place of a rule, as engines name it. */
const RULE = /^NetworkPolicy (?<namespace>[^ /]+)\/(?<name>[^ /]+): spec\.egress\[(?<index>\d+)\]$/;

/** Each NetworkPolicy of the cause without its rules that are too wide; rules of other kinds are left, and named. */
function ruleDraft(folded: FoldedCause, source: DraftSource): Draft | null {
  const { inventory, config } = source;
  const { object, rules: several } = folded.cause;
  const wide = several ?? [`${object.kind} ${object.namespace}/${object.name}: ${object.part}`];
  const kept = keptRules({ ...config.egress, services: awsServices(inventory.vpc) });
  const indexes = new Map<PolicyObject, Set<number>>();
  const left: string[] = [];
  for (const rule of wide) {
    const { namespace, name, index } = RULE.exec(rule)?.groups ?? {};
    const policy = inventory.policies.find(
      (one) => one.kind === 'NetworkPolicy' && one.namespace === namespace && one.name === name,
    );
    if (policy === undefined || index === undefined) left.push(rule);
    else indexes.set(policy, (indexes.get(policy) ?? new Set()).add(Number(index)));
  }
  const policies = [...indexes].flatMap(([policy, of]) => {
    const draft = narrowed(policy, of, kept);
    if (draft === null)
      left.push(
        ...[...of].map((index) => `${policy.kind} ${policy.namespace}/${policy.name}: spec.egress[${index}]`),
      );
    return draft ?? [];
  });
  if (policies.length === 0) return null;
  return {
    ...judged({ policies, selected: new Map(), unlabelled: [], alsoSelects: [] }, folded, source),
    left,
  };
}

interface Planned extends Pick<Draft, 'policies' | 'unlabelled' | 'alsoSelects'> {
  /** Labels by which workloads are selected that the inventory need not have kept. */
  readonly selected: ReadonlyMap<string, Labels>;
}

/** Judges the namespaces that it concerns once more, as if it had been applied. */
function judged(planned: Planned, folded: FoldedCause, source: DraftSource): Draft {
  const { inventory, config, now } = source;
  const wanted = new Set(folded.findings.map(({ workload }) => workloadKey(workload)));
  // Others may be selected as well, and lose something.
  const namespaces = new Set(folded.findings.map(({ workload }) => workload.namespace));
  const classes = inventory.classes
    .filter(({ workload }) => namespaces.has(workload.namespace))
    .map((subject) => labelled(subject, planned.selected));
  const { policies } = applyPolicies(inventory.policies, planned.policies.map(policyOfDraft));
  const asIs = { ...inventory, classes };
  const then = { ...asIs, policies };
  const after = judgeInventory(then, { config, now });
  const known = new Set(judgeInventory(asIs, { config, now }).findings.map(({ id }) => id));
  const still = new Set(after.findings.map(({ id }) => id));
  const was = workloadViews(asIs, engineOf(inventory, config), () => true);
  const is = workloadViews(then, engineOf(inventory, config, policies), () => true);
  return {
    policies: planned.policies,
    left: [],
    unlabelled: planned.unlabelled,
    alsoSelects: planned.alsoSelects,
    cuts: was
      .map((views, index) => ({
        workload: views.workload,
        lost: reachBeyond(answerOf(views).declared, answerOf(is[index] ?? views).declared),
      }))
      .filter(({ workload, lost }) => wanted.has(workloadKey(workload)) || losesSomething(lost)),
    remaining: folded.findings.filter(({ id }) => still.has(id)),
    appearing: after.findings.filter(({ id }) => !known.has(id)),
    enforcement: enforcementOf(
      new Map(is.flatMap(({ workload, views }) => (wanted.has(workloadKey(workload)) ? [...views] : []))),
    ),
    dnsSeen: source.labels.dnsSeen(),
    nodeLocalDns: source.labels
      .workloadsOf(DNS.namespace)
      .some(({ workload }) => workload.name.startsWith('node-local-dns')),
    notKept: config.egress.approved.flatMap((entry) => notKept(entry, awsServices(inventory.vpc))),
  };
}

const losesSomething = (lost: Reach | Unknown): boolean =>
  !('unknown' in lost) && (lost.external.length > 0 || lost.hosts.length > 0);

const labelled = (subject: PodClass, selected: ReadonlyMap<string, Labels>): PodClass => {
  const labels = selected.get(workloadKey(subject.workload));
  return labels === undefined ? subject : { ...subject, labels: { ...subject.labels, ...labels } };
};
