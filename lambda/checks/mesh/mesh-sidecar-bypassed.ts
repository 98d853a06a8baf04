import type { Json } from '../../findings/finding.ts';
import { bypassesOf } from '../../mesh/bypass.ts';
import { hasSidecar } from '../../mesh/membership.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { NIST_4_4_2 } from '../controls.ts';
import { isText, newItems } from '../new-facts.ts';

/** Which annotations redirect what: https://istio.io/latest/docs/reference/config/annotations/ */
export const meshSidecarBypassed: Check = {
  id: 'mesh-sidecar-bypassed',
  title: 'Traffic bypasses the sidecar',
  category: 'egress',
  severity: 'medium',
  cause: ofWorkload('mesh-open'),
  failsWhen:
    'Annotations let outbound traffic bypass the sidecar (excluded address ranges, ports or interfaces, or no redirection at all), or a container runs as user 1337 of the proxy.',
  notEvaluatedWhen: 'Whether the pod is in the mesh is not known, and it has such a setting.',
  notApplicableTo: 'Pods without a sidecar.',
  why: 'The mesh does not encrypt, authorize or measure traffic that bypasses the sidecar, whatever its outbound mode is.',
  evidence:
    'bypasses: the annotation (or runAsUser) with its value, and the traffic that bypasses the sidecar.',
  newFacts: newItems('bypasses', 'bypasses', newBypasses),
  remediation:
    'Remove the annotation and declare the destinations as ServiceEntries; restrict traffic that has to bypass the sidecar with a network policy.',
  patch: `spec:
  template:
    metadata:
      annotations:
        traffic.sidecar.istio.io/excludeOutboundPorts: null
        traffic.sidecar.istio.io/excludeOutboundIPRanges: null`,
  verify:
    "kubectl -n NAMESPACE get pod POD -o jsonpath='{.metadata.annotations}'   # traffic.sidecar.istio.io/…",
  controls: [
    supports(
      NIST_4_4_2,
      'asks to see the traffic between containers and others, which the sidecar no longer does',
    ),
  ],
  exposure: 0.4,
  examples: [
    {
      title: 'an annotation that excludes a port from the sidecar',
      verdict: 'fail',
      pod: `metadata:
  annotations: { traffic.sidecar.istio.io/excludeOutboundPorts: "443" }
spec:
  containers:
    - { name: app, image: registry.example.com/app:1.4.2 }
    - { name: istio-proxy, image: docker.io/istio/proxyv2:1.27.1 }`,
    },
    {
      title: 'no such annotation',
      verdict: 'pass',
      pod: `spec:
  containers:
    - { name: app, image: registry.example.com/app:1.4.2 }
    - { name: istio-proxy, image: docker.io/istio/proxyv2:1.27.1 }`,
    },
    {
      title: 'no sidecar',
      verdict: 'not-applicable',
    },
  ],
  needs: [],
  evaluate(subject, { mesh }): readonly Outcome[] {
    const membership = mesh.membership(subject);
    const bypasses = membership.mode === 'unknown' || hasSidecar(membership) ? bypassesOf(subject.spec) : [];
    const [first] = bypasses;
    if (first === undefined) return hasSidecar(membership) ? [pass()] : [];
    if (membership.mode === 'unknown') {
      const { reason, message, remedy } = membership.because;
      return [{ verdict: 'not-evaluated', container: null, reason, message, remediation: remedy }];
    }
    const more = bypasses.length > 1 ? `, and ${bypasses.length - 1} more` : '';
    return [
      {
        verdict: 'fail',
        container: null,
        message: `Bypasses the sidecar: ${first.what} (${first.by}${more}).`,
        evidence: { bypasses: bypasses.map(({ by, value, what }) => `${by}="${value}": ${what}`) },
      },
    ];
  },
};

const BYPASS = /^([^=]+)="([^"]*)": (.*)$/s;

/** Lists of what is excluded are worse with more in them, lists of what is included with less. */
function newBypasses(before: readonly Json[], now: readonly Json[]): readonly string[] {
  const known = before.filter(isText).map(readBypass);
  return now
    .filter(isText)
    .filter((text) => {
      const { by, items } = readBypass(text);
      const former = known.filter((one) => one.by === by);
      if (former.length === 0) return true;
      return !former.some((one) =>
        by.includes('/include') ? isPart(one.items, items) : isPart(items, one.items),
      );
    })
    .map((text) => `bypasses it by ${text}`);
}

function readBypass(text: string): { readonly by: string; readonly items: ReadonlySet<string> } {
  const [, by = text, value = ''] = BYPASS.exec(text) ?? [];
  return { by, items: new Set(value.split(',').map((item) => item.trim())) };
}

const isPart = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  [...part].every((item) => whole.has(item));
