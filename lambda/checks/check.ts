import type { Config, Limits } from '../config/config.ts';
import type { Effective } from '../egress/answers/effective.ts';
import type { EgressView } from '../egress/answers/egress-view.ts';
import type { Enforcement } from '../egress/enforcement/enforcement.ts';
import type { CauseKind } from '../findings/cause.ts';
import type { NewFacts } from '../findings/changed.ts';
import type { ControlMapping } from '../findings/control.ts';
import type { Evidence } from '../findings/finding.ts';
import type { Gap, GapReason, Resource } from '../inventory/gap.ts';
import type { ImagesReading } from '../inventory/images.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import type { PodClass, PodExample } from '../inventory/pod-class.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Severity } from '../severity.ts';
import type { CauseRef, CauseRule } from './cause.ts';
import type { Example } from './example.ts';

export type Category = 'age' | 'writable-layer' | 'egress' | 'together';

/** A control of a published standard, with how the check supports it. */
export interface SupportedControl extends ControlMapping {
  /** As the end of a sentence. */
  readonly why: string;
}

/** What is said of a rule, whatever it judges. A new one is one file with one of these and a line in the catalogue. */
export interface CheckInfo {
  /** Kebab-case and permanent. */
  readonly id: string;
  readonly title: string;
  readonly category: Category;
  readonly severity: Severity;
  /** What one change would remove its findings, where their outcome names no other. */
  readonly cause: CauseRule;
  /** Kinds of causes that its outcomes name besides. @defaultValue none */
  readonly otherCauses?: readonly CauseKind[];
  /** SPEC wording of when it fails. */
  readonly failsWhen: string;
  /** A sentence; `null`: only where the pods or what it {@link needs} could not be read. */
  readonly notEvaluatedWhen: string | null;
  /** What it says nothing about, as a sentence; `null`: it judges everything. */
  readonly notApplicableTo: string | null;
  readonly why: string;
  /** What the evidence fields of its findings mean. */
  readonly evidence: string;
  /**
   * What of it makes a finding worse than in the last run, so that it is news although the finding was known. Ages,
   * counters, tags and numbers of pods are no such facts. @defaultValue nothing of it does
   */
  readonly newFacts?: NewFacts;
  /** One sentence that is part of each finding. */
  readonly remediation: string;
  /** A YAML patch that shows the exact field to change. */
  readonly patch: string;
  /** A command that a developer can run; `NAMESPACE`, `POD` and the like in capitals. */
  readonly verify: string;
  readonly controls: readonly SupportedControl[];
  /** Why it supports none, as the end of a sentence; only where there is none. */
  readonly withoutControls?: string;
  /** Cases with their right verdicts: at least one that fails and one that passes. */
  readonly examples: readonly Example[];
  /**
   * How much of the world is open to a workload that fails, for its rank: 1 for the whole internet.
   * @defaultValue 0
   */
  readonly exposure?: number;
  /** Says what a container may write, or what it has written as its kubelet measured; both together rank first. @defaultValue neither */
  readonly drift?: 'possible' | 'measured';
  /** Settings of the cluster without which some verdicts are open; see {@link file://../access/rules.ts}. */
  readonly readsSettings?: readonly ('policy-engine' | 'mesh')[];
  /** It speaks of what runs alone: of pods that have ended nothing is said. @defaultValue false */
  readonly ofRunning?: true;
  /**
   * Why the configuration leaves it without a question: it then applies to nothing, as if it were off, and the
   * coverage says this sentence.
   */
  readonly notAsked?: (config: Config, inventory: Pick<Inventory, 'measured' | 'images'>) => string | null;
  /** What its passes leave open in this cluster, as a sentence; the coverage says it. `null`: nothing. */
  readonly note?: (inventory: Pick<Inventory, 'images'>) => string | null;
  /** Resources without which nothing can be said: a gap in one makes the whole check not evaluated. */
  readonly needs: readonly Resource[];
}

/** A rule about pods: `evaluate` is pure and is called once for each class of equal pods. */
export interface Check extends CheckInfo {
  evaluate(subject: PodClass, context: CheckContext): readonly Outcome[];
}

/** A rule about objects that are no pods, such as ServiceEntries: it is called once for a cluster. */
export interface ObjectCheck extends CheckInfo {
  /** At most one outcome for each object; those that were asked for count where the time is up before the others. */
  evaluateObjects(context: ObjectContext): Iterable<ObjectOutcome>;
}

export type AnyCheck = Check | ObjectCheck;

export interface CheckContext {
  readonly cluster: ClusterIdentity;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly config: Config;
  /** The limits that hold for this class, overrides applied. */
  readonly limits: Limits;
  /** Resources that could not be read. */
  readonly missing: ReadonlySet<Resource>;
  /** Why one of them could not be read. @defaultValue it is not known */
  readonly whyMissing?: (resource: Resource) => Gap | undefined;
  /** Whether these are templates that are not applied yet: what a cluster does with them is no question. */
  readonly manifests: boolean;
  /** What its policies say; computed on first use, shared by all egress checks. */
  readonly egress: () => EgressView;
  /** What the class reaches where its pods are, in each way in which its policies may be enforced. */
  readonly reach: () => Effective;
  /** Whether the policies of the class are enforced where its pods are. */
  readonly enforcement: () => Enforcement;
  /** Why no policy at all would have an effect there: sentences, that of most pods first. */
  readonly unenforced: () => readonly string[];
  /** The same class as if its pods had a network of their own. */
  readonly onPodNetwork: () => { readonly subject: PodClass; readonly context: CheckContext };
  readonly mesh: Mesh;
  /** What registries say of images; absent where they were not asked. */
  readonly images?: ImagesReading | undefined;
}

export interface ObjectContext {
  readonly inventory: Inventory;
  readonly config: Config;
  /** Resources that could not be read. */
  readonly missing: ReadonlySet<Resource>;
  readonly mesh: Mesh;
  readonly egressOf: (subject: PodClass) => EgressView;
}

export interface ObjectOutcome {
  readonly object: WorkloadRef;
  readonly outcome: Outcome;
}

/** A verdict for a class, or for one of its containers. No outcome at all: the check does not apply. */
export type Outcome = Fail | Pass | Undecided;

export interface Fail {
  readonly verdict: 'fail';
  readonly container: string | null;
  readonly message: string;
  readonly evidence: Evidence;
  /** The check whose finding about the same workload it follows from, if it follows from one. */
  readonly impliedBy?: string | null;
  /** @defaultValue what the check says */
  readonly cause?: CauseRef;
  /** What keeps the finding when its cause is removed, where that is known. @defaultValue nothing does */
  readonly remainsBy?: CauseRef | null;
  /** The pods behind it; default: the whole population of the class, of an object none. */
  readonly pods?: { readonly count: number; readonly examples: readonly PodExample[] };
  /** Which class's message and evidence stand in the finding when several fail: the largest. Default: its pod count. */
  readonly weight?: number;
}

export interface Pass {
  readonly verdict: 'pass';
  readonly container: string | null;
}

export interface Undecided {
  readonly verdict: 'not-evaluated';
  readonly container: string | null;
  readonly reason: GapReason;
  readonly message: string;
  readonly remediation: string;
}

/** @param why how the check supports the control, as the end of a sentence */
export const supports = (control: ControlMapping, why: string): SupportedControl => ({ ...control, why });

export const pass = (container: string | null = null): Pass => ({ verdict: 'pass', container });
