import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';

/** A pod, or the pod template of a workload, as an oracle case names it. */
export interface Subject {
  /** `ns/name[Kind]`; pods count under their controller, unless that is a Node. */
  readonly workload: string;
  /** `ns/name` of the pod or workload itself. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly hostNetwork: boolean;
}

export interface Manifests {
  readonly subjects: readonly Subject[];
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly policies: readonly PolicyObject[];
}

// biome-ignore lint/suspicious/noExplicitAny: manifests of a test case, whose shape the case vouches for
type Manifest = any;

const POLICY_KIND = /NetworkPolicy$/;

/** Reads every YAML and JSON file of a folder: multi-documents, Lists and typed lists. */
export function readManifests(folder: string, namespaceForPolicies = 'default'): Manifests {
  const objects = readObjects(folder);
  return {
    subjects: objects.flatMap(subjectsOf),
    namespaces: new Map(
      objects
        .filter(({ kind }) => kind === 'Namespace')
        .map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    ),
    policies: objects
      .filter(({ kind }) => POLICY_KIND.test(kind))
      .map((object) => toPolicy(object, namespaceForPolicies)),
  };
}

/** The objects of a folder as a List, policies without a namespace in this one: what a snapshot holds. */
export const toList = (folder: string, namespaceForPolicies: string): object => ({
  apiVersion: 'v1',
  kind: 'List',
  items: readObjects(folder).map((object) =>
    POLICY_KIND.test(object.kind) && !CLUSTER_SCOPED.test(object.kind)
      ? { ...object, metadata: { namespace: namespaceForPolicies, ...object.metadata } }
      : object,
  ),
});

const readObjects = (folder: string): readonly Manifest[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .flatMap((document) => flatten(document.toJS({ maxAliasCount: -1 })));

function flatten(object: Manifest): readonly Manifest[] {
  if (object === null || typeof object?.kind !== 'string') return [];
  if (!object.kind.endsWith('List')) return [object];
  // Items of a typed list may lack kind and apiVersion.
  const itemKind = object.kind.slice(0, -'List'.length);
  const defaults = itemKind === '' ? {} : { kind: itemKind, apiVersion: object.apiVersion };
  return (object.items ?? []).flatMap((item: Manifest) => flatten({ ...defaults, ...item }));
}

function subjectsOf({ kind, metadata, spec }: Manifest): readonly Subject[] {
  const namespace = metadata?.namespace ?? 'default';
  if (kind === 'Pod') {
    const owner = metadata.ownerReferences?.find(
      (reference: Manifest) => reference.controller && reference.kind !== 'Node',
    );
    const workload = owner ? `${owner.name}[${owner.kind}]` : `${metadata.name}[Pod]`;
    return [toSubject(namespace, { workload, name: metadata.name }, metadata.labels, spec)];
  }
  const template = kind === 'CronJob' ? spec?.jobTemplate?.spec?.template : spec?.template;
  if (template === undefined) return [];
  const about = { workload: `${metadata.name}[${kind}]`, name: metadata.name };
  return [toSubject(namespace, about, template.metadata?.labels, template.spec)];
}

const toSubject = (
  namespace: string,
  about: { workload: string; name: string },
  labels: Labels | undefined,
  spec: Manifest,
): Subject => ({
  workload: `${namespace}/${about.workload}`,
  name: `${namespace}/${about.name}`,
  namespace,
  labels: labels ?? {},
  hostNetwork: spec?.hostNetwork === true,
});

/** Cluster-scoped kinds have no namespace; which kinds those are the case need not say. */
const CLUSTER_SCOPED = /^(Admin|BaselineAdmin|Cluster|CiliumClusterwide|Global)/;

const toPolicy = ({ apiVersion, kind, metadata, spec }: Manifest, namespace: string): PolicyObject => ({
  apiVersion,
  kind,
  namespace: CLUSTER_SCOPED.test(kind) ? '' : (metadata.namespace ?? namespace),
  name: metadata.name,
  labels: metadata.labels ?? {},
  spec,
});
