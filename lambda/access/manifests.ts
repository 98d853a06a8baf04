import { Document, isMap, isSeq, type Node, visit } from 'yaml';
import { AUDITOR_GROUP } from '../connect/eks-errors.ts';
import { type AccessRule, NODES_PROXY_WARNING } from './rules.ts';

const NAME = AUDITOR_GROUP;
const RBAC = 'rbac.authorization.k8s.io';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

/** The ClusterRole with these rules, and its binding to the auditor's group. */
export function clusterAccess(rules: readonly AccessRule[]): readonly [role: Manifest, binding: Manifest] {
  const metadata = { name: NAME };
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata,
      rules: rules.map(({ group, resource, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs,
      })),
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: NAME },
      subjects: [{ apiGroup: RBAC, kind: 'Group', name: AUDITOR_GROUP }],
    },
  ];
}

/** {@link clusterAccess} as YAML for `kubectl apply`, each rule under a comment that gives its reason. */
export function clusterAccessYaml(rules: readonly AccessRule[]): string {
  const [role, binding] = clusterAccess(rules);
  return `${print(role, rules)}---\n${print(binding, [])}`;
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
  const warning = rule.resource === 'nodes/proxy' ? `\n WARNING: ${NODES_PROXY_WARNING}` : '';
  node.commentBefore = ` ${rule.why}${needs(rule)}${warning}`;
}

/** Pods are behind every check; naming all of them would hide the reason. */
const needs = ({ resource, checks }: AccessRule): string => {
  if (checks.length === 0) return '';
  return resource === 'pods' ? ': every check' : `: ${checks.join(', ')}`;
};
