import type { Labels } from '../../inventory/names.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { type Fields, optionalObject } from '../fields.ts';

/** By which the policy of a template finds its sandboxes; the value is a hash of the template's name. */
const TEMPLATE_REF = 'agents.x-k8s.io/sandbox-template-ref-hash';

/** What the controller allows where a template does not say: all public addresses, on every port. */
const PUBLIC_ONLY = [
  {
    to: [
      {
        ipBlock: {
          cidr: '0.0.0.0/0',
          except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
        },
      },
      { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] } },
    ],
  },
];

/**
 * The NetworkPolicy that the controller makes for a SandboxTemplate (kubernetes-sigs/agent-sandbox), with the label
 * of the pods that it selects. It is managed unless the template says otherwise; a policy without egress rules
 * denies all.
 * Source: kubernetes-sigs/agent-sandbox, extensions/controllers/sandboxtemplate_controller.go (Reconcile,
 * buildDefaultNetworkPolicySpec) and extensions/api/v1alpha1/sandboxtemplate_types.go (NetworkPolicyManagement)
 * @returns `null` where it makes none
 * @throws MalformedObject
 */
export function sandboxPolicy(
  object: Fields,
  { group, kind, namespace, name }: Readonly<Record<'group' | 'kind' | 'namespace' | 'name', string>>,
): { readonly policy: PolicyObject; readonly labels: Labels } | null {
  if (group !== 'extensions.agents.x-k8s.io' || kind !== 'SandboxTemplate') return null;
  const spec = optionalObject(object['spec'], 'spec') ?? {};
  if (spec['networkPolicyManagement'] === 'Unmanaged') return null;
  const own = optionalObject(spec['networkPolicy'], 'spec.networkPolicy');
  const labels = { [TEMPLATE_REF]: name.slice(0, 63) };
  return {
    labels,
    policy: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace,
      name: `${name} (of its SandboxTemplate)`,
      labels: {},
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Egress'],
        egress: own === null ? PUBLIC_ONLY : (own['egress'] ?? []),
      },
    },
  };
}
