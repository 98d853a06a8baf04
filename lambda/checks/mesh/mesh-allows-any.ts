import { DEFAULT_REVISION } from '../../inventory/mesh.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { hasSidecar } from '../../mesh/membership.ts';
import { type CauseRef, ofWorkload } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { BSI_SYS_1_6_A5, NIST_4_4_2 } from '../controls.ts';

/**
 * "Istio does not offer an outbound traffic security policy": the mode shows what is not declared, and is no
 * firewall. So this never speaks for or against the network policies.
 * Source: https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy-Mode
 */
export const meshAllowsAny: Check = {
  id: 'mesh-allows-any',
  title: 'The mesh allows traffic to unknown destinations',
  category: 'egress',
  severity: 'medium',
  cause: ofWorkload('mesh-open'),
  failsWhen: 'The outbound mode of the mesh, or of the Sidecar that applies to the workload, is ALLOW_ANY.',
  notEvaluatedWhen:
    'Whether the pod is in the mesh is not known, or the object that sets its outbound mode could not be read.',
  notApplicableTo: 'Pods that are not in the mesh.',
  why: 'Traffic to undeclared destinations leaves unnoticed: mesh telemetry does not name its destination.',
  evidence:
    'mode: the outbound mode, or ambient; from: the Sidecar or the configuration that sets it; membership: how the pods are in the mesh.',
  remediation:
    'Declare the external services of the workload as ServiceEntries and set its outbound mode to REGISTRY_ONLY; keep the network policies, since a mesh does not replace them.',
  patch: `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: NAMESPACE }
spec:
  outboundTrafficPolicy: { mode: REGISTRY_ONLY }`,
  verify:
    'istioctl proxy-config cluster POD.NAMESPACE --fqdn PassthroughCluster   # with REGISTRY_ONLY, curl of an undeclared host gets 502',
  controls: [
    supports(NIST_4_4_2, 'asks for control of the egress that containers send'),
    supports(BSI_SYS_1_6_A5, 'only the communication necessary for operation'),
  ],
  readsSettings: ['mesh'],
  exposure: 0.4,
  examples: [
    {
      title: 'a Sidecar with ALLOW_ANY',
      verdict: 'fail',
      pod: `spec:
  containers:
    - { name: app, image: registry.example.com/app:1.4.2 }
    - { name: istio-proxy, image: docker.io/istio/proxyv2:1.27.1 }`,
      others: `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec: { outboundTrafficPolicy: { mode: ALLOW_ANY } }`,
    },
    {
      title: 'a Sidecar with REGISTRY_ONLY',
      verdict: 'pass',
      pod: `spec:
  containers:
    - { name: app, image: registry.example.com/app:1.4.2 }
    - { name: istio-proxy, image: docker.io/istio/proxyv2:1.27.1 }`,
      others: `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec: { outboundTrafficPolicy: { mode: REGISTRY_ONLY } }`,
    },
    {
      title: 'no sidecar',
      verdict: 'not-applicable',
    },
  ],
  needs: ['sidecars.networking.istio.io'],
  evaluate(subject, { mesh }): readonly Outcome[] {
    const membership = mesh.membership(subject);
    if (membership.mode === 'unknown') {
      const { reason, message, remedy } = membership.because;
      return [{ verdict: 'not-evaluated', container: null, reason, message, remediation: remedy }];
    }
    if (membership.mode === 'ambient') return [ambient(subject)];
    const outbound = mesh.outbound(subject);
    if (outbound === null) return [];
    if ('unknown' in outbound) {
      const { reason, message, remedy } = outbound.unknown;
      return [{ verdict: 'not-evaluated', container: null, reason, message, remediation: remedy }];
    }
    if (outbound.mode === 'REGISTRY_ONLY') return [pass()];
    return [
      {
        verdict: 'fail',
        container: null,
        message: `Its sidecar allows traffic to unknown destinations: ${outbound.from} sets ALLOW_ANY.`,
        evidence: { mode: outbound.mode, from: outbound.from, membership: membership.mode },
        cause: setBy(outbound.from, hasSidecar(membership) ? membership.revision : null),
      },
    ];
  },
};

const PART = 'outboundTrafficPolicy';

/** The Sidecar that sets the mode, or the configuration of the mesh, of which each control plane has one. */
function setBy(from: string, revision: string | null): CauseRef {
  const [, namespace = null, name = null] = /^Sidecar ([^/ ]+)\/([^/ ]+)$/.exec(from) ?? [];
  if (name !== null) return { kind: 'mesh-open', object: { kind: 'Sidecar', namespace, name, part: PART } };
  const of = revision === null || revision === DEFAULT_REVISION ? '' : ` of revision ${revision}`;
  return {
    kind: 'mesh-open',
    object: { kind: 'Mesh', namespace: null, name: `${from}${of}`, part: PART },
  };
}

/**
 * "For traffic to unknown addresses […] the traffic will just be passed through as is": no mode changes that.
 * Source: https://github.com/istio/istio/blob/master/architecture/ambient/ztunnel.md#outbound
 */
const ambient = ({ workload }: PodClass): Outcome => ({
  verdict: 'fail',
  container: null,
  message: `It is in ambient mode, in which traffic to unknown destinations is always allowed; only network policies of the namespace ${workload.namespace} restrict it.`,
  evidence: { mode: 'ambient', from: 'ambient mode', membership: 'ambient' },
});
