import { Document, isMap, isSeq, type Node, visit } from 'yaml';
import { AUDITOR_GROUP } from '../connect/eks/errors.ts';
import type { AccessRule } from './rules.ts';

const RBAC = 'rbac.authorization.k8s.io';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Whom the rules are granted, and under which name. */
export interface Grantee {
  readonly name: string;
  readonly group: string;
}

const AUDITOR: Grantee = { name: AUDITOR_GROUP, group: AUDITOR_GROUP };

/**
 * The ClusterRole with these rules, a Role in each namespace that some of them name, and their bindings.
 * @param to Who gets them. @defaultValue the group of the auditor
 */
export function clusterAccess(rules: readonly AccessRule[], to: Grantee = AUDITOR): readonly Manifest[] {
  return parts(rules, to).flatMap(({ role, binding }) => [role, binding]);
}

/** {@link clusterAccess} as YAML for `kubectl apply`, each rule under a comment that gives its reason. */
export function clusterAccessYaml(rules: readonly AccessRule[], to: Grantee = AUDITOR): string {
  return parts(rules, to)
    .map(({ role, binding, grants }) => `${print(role, grants)}---\n${print(binding, [])}`)
    .join('---\n');
}

interface Part {
  readonly role: Manifest;
  readonly binding: Manifest;
  readonly grants: readonly AccessRule[];
}

const parts = (rules: readonly AccessRule[], to: Grantee): readonly Part[] =>
  [...Map.groupBy(rules, ({ namespace }) => namespace)].map(([namespace, grants]) =>
    partOf(grants, namespace, to),
  );

function partOf(
  grants: readonly AccessRule[],
  namespace: string | undefined,
  { name, group: to }: Grantee,
): Part {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const apiVersion = `${RBAC}/v1`;
  return {
    grants,
    role: {
      apiVersion,
      kind,
      metadata,
      rules: grants.map(({ group, resource, names, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        ...(names === undefined ? {} : { resourceNames: names }),
        verbs,
      })),
    },
    binding: {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: [{ apiGroup: RBAC, kind: 'Group', name: to }],
    },
  };
}

function print(manifest: Manifest, rules: readonly AccessRule[]): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_, list) {
      // Lists of words stand in one line.
      if (!list.items.some((item) => isMap(item))) list.flow = true;
    },
  });
  const list = document.get('rules');
  if (isSeq(list)) {
    list.items.forEach((item, i) => {
      comment(item as Node, rules[i]);
    });
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function comment(node: Node, rule: AccessRule | undefined): void {
  if (rule === undefined) return;
  node.commentBefore = ` ${rule.why}${needs(rule)}`;
}

/** Pods are behind every check; naming all of them would hide the reason. */
const needs = ({ resource, checks }: AccessRule): string => {
  if (checks.length === 0) return '';
  return resource === 'pods' ? ': every check' : `: ${checks.join(', ')}`;
};
