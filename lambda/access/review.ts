import * as z from 'zod';
import { ReadError } from '../errors.ts';
import type { AccessRule } from './rules.ts';

/** What somebody may do with one resource, in all namespaces unless it names one. */
export interface Permission {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace?: string;
  /** Of one object. */
  readonly name?: string;
}

/** All that a rule grants: each verb, of each object where it names some. */
export const permissionsOf = ({
  group,
  resource,
  verbs,
  namespace,
  names,
}: AccessRule): readonly Permission[] =>
  verbs.flatMap((verb) => {
    const all = { group, resource, verb, ...(namespace === undefined ? {} : { namespace }) };
    return names === undefined ? [all] : names.map((name) => ({ ...all, name }));
  });

/** What a rule grants, with the API server's word on it. */
export interface ReviewedRule {
  readonly rule: AccessRule;
  readonly permission: Permission;
  readonly allowed: boolean;
}

/** Whose access is asked about: the caller's own, or that of a member of a group. */
export type Subject = 'self' | { readonly group: string };

const API = 'authorization.k8s.io';

export interface Review {
  readonly path: string;
  readonly body: object;
}

/**
 * The request that asks the API server; it stores nothing. Everybody may ask about themselves, administrators
 * about others (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access).
 */
export function reviewOf(permission: Permission, subject: Subject): Review {
  const { group, verb, namespace, name } = permission;
  const [resource, subresource] = permission.resource.split('/');
  const resourceAttributes = {
    group,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    verb,
  };
  const kind = subject === 'self' ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  const who =
    // A user of no other group: what the group alone may do.
    subject === 'self' ? {} : { user: subject.group, groups: [subject.group, 'system:authenticated'] };
  return {
    path: `/apis/${API}/v1/${kind.toLowerCase()}s`,
    body: { apiVersion: `${API}/v1`, kind, spec: { resourceAttributes, ...who } },
  };
}

const ANSWER = z.object({
  apiVersion: z.literal(`${API}/v1`),
  kind: z.enum(['SelfSubjectAccessReview', 'SubjectAccessReview']),
  status: z.object({
    allowed: z.boolean(),
    evaluationError: z.string().optional(),
  }),
});

/**
 * @param body as the API server sent it
 * @returns whether it is allowed
 * @throws ReadError for anything but a clear answer: what is not known must not read as allowed or denied
 */
export function verdictOf(status: number, body: string): boolean {
  const answer = status === 201 ? ANSWER.safeParse(parsed(body)).data?.status : undefined;
  const error = answer?.evaluationError ?? '';
  // With an error, some authoriser could not be asked; what another one allows is allowed all the same.
  if (answer !== undefined && (answer.allowed || error === '')) return answer.allowed;
  const why = error === '' ? '' : ` ${error}`;
  throw new ReadError(
    status === 403 ? 'forbidden' : 'server-error',
    `The API server did not say clearly what is allowed (${status}).${why}`,
    status === 403
      ? 'Check your own permissions, without --group, or use an identity that may create subjectaccessreviews.'
      : 'Run again later; kubectl auth can-i asks the same.',
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** What the auditor must not be able to do: a role that grants any of these is larger than it needs to be. */
export const EXCESS: readonly Permission[] = [
  { group: '', resource: 'secrets', verb: 'get' },
  { group: '', resource: 'secrets', verb: 'list' },
  { group: '', resource: 'pods/exec', verb: 'create' },
  { group: '', resource: 'pods', verb: 'create' },
  { group: '', resource: 'pods', verb: 'delete' },
  { group: '', resource: 'serviceaccounts/token', verb: 'create' },
  { group: 'apps', resource: 'deployments', verb: 'update' },
  // The kubelet authorises exec and run over WebSocket as `get` of it: commands in any pod of the cluster.
  // https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes
  { group: '', resource: 'nodes/proxy', verb: 'get' },
  // For the measuring role alone: the auditor's own tokens are never sent to a node.
  { group: '', resource: 'nodes/stats', verb: 'get' },
];
