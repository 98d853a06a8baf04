import { risksOf } from '../../mesh/risks.ts';
import { ofWorkload } from '../cause.ts';
import { type ObjectCheck, pass, supports } from '../check.ts';
import { BSI_SYS_1_6_A5, NIST_4_4_2 } from '../controls.ts';
import { anyOf, firstOf, newTexts } from '../new-facts.ts';
import { judgeEntries, podsOf, undecided, workloadsOf } from './entries.ts';

/** An entry may have thousands of ports. */
const MOST_RISKS = 10;

/** Fields: https://istio.io/latest/docs/reference/config/networking/service-entry/ */
export const meshServiceEntryRisky: ObjectCheck = {
  id: 'mesh-service-entry-risky',
  title: 'A ServiceEntry allows too many destinations',
  category: 'egress',
  severity: 'high',
  cause: ofWorkload('mesh-open'),
  failsWhen:
    'A ServiceEntry has a wildcard host, an external plaintext or remote-shell port (HTTP 80, TCP 22), or a TCP port without addresses, which matches on the port alone.',
  notEvaluatedWhen: 'The ServiceEntry has a field that is not understood.',
  notApplicableTo: null,
  why: 'In REGISTRY_ONLY mode the mesh allows only what ServiceEntries declare. An entry for all names of a domain, or for all addresses on a port, allows more than the known destinations.',
  evidence:
    'risks: the first ten, each with its reason; hosts, ports: of the entry; usedBy: some workloads whose sidecars have the entry.',
  newFacts: anyOf(
    newTexts('risks', 'risks', (risk) => risk),
    newTexts('hosts', 'hosts', (host) => `names the host ${host}`),
    newTexts('ports', 'ports', (port) => `opens ${port}`),
  ),
  remediation:
    'List the hosts individually, use TLS, set addresses for TCP ports, and export the entry only to the namespaces that need it.',
  patch: `spec:
  hosts: [api.example.com]        # instead of "*.example.com"
  addresses: [ADDRESS/32]         # for ports of protocol TCP
  ports:
    - { number: 443, name: tls, protocol: TLS }
  exportTo: ["."]`,
  verify: 'kubectl -n NAMESPACE get serviceentry NAME -o yaml',
  controls: [
    supports(NIST_4_4_2, 'asks for control of the egress that containers send'),
    supports(BSI_SYS_1_6_A5, 'only the communication necessary for operation'),
  ],
  exposure: 0.8,
  examples: [
    {
      title: 'every name of a domain',
      verdict: 'fail',
      others: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: ["*.example.com"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE`,
    },
    {
      title: 'one name with TLS',
      verdict: 'pass',
      others: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS`,
    },
  ],
  needs: ['serviceentries.networking.istio.io'],
  evaluateObjects(context) {
    return judgeEntries(context, (entry) => {
      const risks = risksOf(entry, context.config.egress.insecurePorts);
      const [first] = risks;
      if (first !== undefined) {
        const { knowing } = context.mesh.audience(entry);
        const more = risks.length > 1 ? `, and ${risks.length - 1} more` : '';
        return {
          verdict: 'fail',
          container: null,
          message: `It ${first.because}${more}.`,
          evidence: {
            ...firstOf(
              'risks',
              risks.map(({ because }) => `It ${because}.`),
              MOST_RISKS,
            ),
            ...firstOf('hosts', entry.hosts, 5),
            ...firstOf(
              'ports',
              entry.ports.map(({ number, protocol }) => `${protocol || 'TCP'} ${number}`),
              5,
            ),
            usedBy: workloadsOf(knowing),
          },
          pods: podsOf(knowing),
        };
      }
      return entry.unknownField === null ? pass() : undecided(unknownField(entry.title, entry.unknownField));
    });
  },
};

export const unknownField = (title: string, field: string) => ({
  reason: 'policy-not-understood' as const,
  message: `${title} has a field that is not understood: spec.${field.slice(0, 60)}.`,
  remedy: "Compare it with Istio's reference; if it is right, report this as a defect.",
});
