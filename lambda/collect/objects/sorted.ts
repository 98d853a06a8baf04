import type { IpFamilies, Setting, Unread } from '../../inventory/engine-settings.ts';
import type { NodeFacts } from '../../inventory/fold.ts';
import type { Gap } from '../../inventory/gap.ts';
import type { ObjectOrigin } from '../../inventory/inventory.ts';
import type { Labels, WorkloadRef } from '../../inventory/names.ts';
import type { PodRecord } from '../../inventory/pod.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import type { Fields } from '../fields.ts';
import { createOrigins, type Origins } from '../origins.ts';
import type { WithoutTemplate } from './without-template.ts';

/** A pod as a controller will make it. */
export interface WorkloadTemplate {
  readonly pod: PodRecord;
  /** Of the object that holds it. */
  readonly type: { readonly kind: string; readonly group: string };
  /** Whether that object is controlled by the workload, and does not count where the workload itself is there. */
  readonly isControlled: boolean;
  /** Whether it was told to have no replica. */
  readonly isIdle: boolean;
  /** When the Job ended that holds it; `null`: nothing ended. */
  readonly ended: string | null;
}

/** An object whose pods are made by the template of another one. */
export interface TemplateElsewhere {
  readonly self: WorkloadRef;
  readonly workload: WorkloadRef;
  readonly type: WorkloadTemplate['type'];
  readonly at: ObjectOrigin | undefined;
  readonly of: WorkloadRef;
}

/** What the objects of a snapshot were read into, before classes are made of them. */
export interface Sorted {
  readonly pods: PodRecord[];
  /** By workload: a pod for each of its templates. */
  readonly templates: Map<string, readonly WorkloadTemplate[]>;
  readonly elsewhere: TemplateElsewhere[];
  readonly withoutTemplate: WithoutTemplate[];
  readonly policies: PolicyObject[];
  readonly mesh: PolicyObject[];
  readonly groupPolicies: PolicyObject[];
  readonly namespaces: Map<string, Labels>;
  readonly serviceAccounts: Map<string, Labels>;
  readonly nodes: Map<string, NodeFacts>;
  readonly owners: Map<string, WorkloadRef | null>;
  /** Settings of policy engines and meshes, by name. */
  readonly configMaps: Map<string, Setting<Fields>>;
  /** Why flags of Cilium are not known of every node. */
  ciliumPerNode: Unread | null;
  readonly nodeClasses: Fields[];
  /** Why those are not all. */
  nodeClassesUnread: Unread | null;
  ipFamily: IpFamilies | null;
  /** Of the cluster that the objects were read of. */
  uid: string | null;
  /** Blocks of addresses of Services. */
  readonly serviceRanges: string[];
  readonly origins: Origins;
  readonly gaps: Gap[];
  readonly notes: string[];
}

export const newSorted = (): Sorted => ({
  pods: [],
  templates: new Map(),
  elsewhere: [],
  withoutTemplate: [],
  policies: [],
  mesh: [],
  groupPolicies: [],
  namespaces: new Map(),
  serviceAccounts: new Map(),
  nodes: new Map(),
  owners: new Map(),
  configMaps: new Map(),
  ciliumPerNode: null,
  nodeClasses: [],
  nodeClassesUnread: null,
  ipFamily: null,
  uid: null,
  serviceRanges: [],
  origins: createOrigins(),
  gaps: [],
  notes: [],
});
