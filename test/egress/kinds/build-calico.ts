import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import type { ServiceAccounts } from '../../../lambda/inventory/service-account.ts';
import { inShort, NO_CONFIG, type Pod, reachOf } from '../support/build.ts';

type About = Partial<PolicyObject>;
type Build = (spec?: unknown, about?: About) => PolicyObject;

const builder =
  (kind: string, namespace: string, defaults: object = {}): Build =>
  (spec = {}, about = {}) => ({
    apiVersion: 'projectcalico.org/v3',
    kind,
    namespace,
    name: 'policy',
    labels: {},
    spec: typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? { ...defaults, ...spec } : spec,
    ...about,
  });

/** Policies for egress unless the spec says otherwise; they select every pod (of `default`). */
export const aCalicoPolicy = builder('NetworkPolicy', 'default', { types: ['Egress'] });
export const aGlobalPolicy = builder('GlobalNetworkPolicy', '', { types: ['Egress'] });
export const aTier = (name: string, spec: unknown = {}): PolicyObject => builder('Tier', '')(spec, { name });
export const aNetworkSet = (labels: Labels, nets: unknown = [], about: About = {}): PolicyObject =>
  builder('NetworkSet', 'default')({ nets }, { name: 'set', labels, ...about });
export const aGlobalSet = (labels: Labels, nets: unknown = [], about: About = {}): PolicyObject =>
  builder('GlobalNetworkSet', '')({ nets }, { name: 'set', labels, ...about });
export const aHostEndpoint = builder('HostEndpoint', '');

/** The same object as the custom resource in which Calico keeps it. */
export const asResource = (object: PolicyObject): PolicyObject => ({
  ...object,
  apiVersion: 'crd.projectcalico.org/v1',
});

export const allow = (destination?: object, more: object = {}) => ({ action: 'Allow', destination, ...more });
export const deny = (destination?: object, more: object = {}) => ({ action: 'Deny', destination, ...more });
export const pass = (destination?: object, more: object = {}) => ({ action: 'Pass', destination, ...more });
export const to = (...nets: string[]) => ({ nets });

/** A GlobalNetworkPolicy with these rules that selects every pod. */
export const rules = (...egress: unknown[]): PolicyObject => aGlobalPolicy({ egress });

export interface Around {
  readonly pod?: Pod;
  /** Labels of namespaces that could be read; default: `default` and `other` have none. */
  readonly namespaces?: Readonly<Record<string, Labels>>;
  /** Default: none was read. */
  readonly serviceAccounts?: ServiceAccounts;
}

/** All ServiceAccounts that there are, with their labels, by namespace and name. */
export const accountsOf = (labels: Readonly<Record<string, Labels>>): ServiceAccounts => ({
  labels: new Map(Object.entries(labels)),
  complete: true,
});

export function viewOf(
  policies: readonly PolicyObject[],
  { pod = {}, namespaces = { default: {}, other: {} }, serviceAccounts }: Around = {},
): EgressView {
  const known = new Map(Object.entries(namespaces));
  const engine = createEgress({ policies, namespaces: known, serviceAccounts, config: NO_CONFIG });
  return engine.view({ namespace: 'default', labels: {}, hostNetwork: false, ...pod });
}

/** The declared ranges in short; the answer must be known. */
export const rangesOf = (policies: readonly PolicyObject[], around: Around = {}): readonly string[] =>
  inShort(reachOf(viewOf(policies, around)).external);

export const hostsOf = (policies: readonly PolicyObject[], around: Around = {}) =>
  reachOf(viewOf(policies, around)).hosts;

export const whyUnknown = (policies: readonly PolicyObject[], around: Around = {}): string =>
  viewOf(policies, around).undecided?.message ?? 'known';

/** Whether TCP 443 of the address is reachable; the answer must be known. */
export function reaches(policies: readonly PolicyObject[], address: string, around: Around = {}): boolean {
  const view = viewOf(policies, around);
  reachOf(view);
  return view.reaches(address, 443);
}
