import type { Unread } from '../../inventory/engine-settings.ts';
import { isPolicyResource } from '../../inventory/resources.ts';
import { type Fault, faultsOf } from '../../mesh/faults.ts';
import type { Audience } from '../../mesh/scopes.ts';
import type { ServiceEntry } from '../../mesh/service-entry.ts';
import { sharedPorts } from '../../mesh/shared-ports.ts';
import { SYMPTOMS } from '../../mesh/symptoms.ts';
import { once } from '../../once.ts';
import { ofWorkload } from '../cause.ts';
import { type Fail, type ObjectCheck, type ObjectContext, type Outcome, pass } from '../check.ts';
import { newTexts } from '../new-facts.ts';
import { judgeEntries, podsOf, undecided, workloadsOf } from './entries.ts';
import { unknownField } from './mesh-service-entry-risky.ts';
import { type Conflict, conflictsOf } from './policy-conflict.ts';

/** What cannot work: `lambda/mesh/faults.ts`; what is seen of it: `lambda/mesh/symptoms.ts`, each with its source. */
export const meshServiceEntryBroken: ObjectCheck = {
  id: 'mesh-service-entry-broken',
  title: 'A ServiceEntry cannot work',
  category: 'egress',
  severity: 'low',
  cause: ofWorkload('mesh-open'),
  failsWhen:
    'A ServiceEntry cannot work as written, no Sidecar imports it, or network policies block all workloads that have it.',
  notEvaluatedWhen:
    'The ServiceEntry has a field that is not understood or a workload selector, or policies of the workloads that have it could not be read.',
  notApplicableTo: null,
  why: 'Teams work around entries that do not work: with wider policies, ALLOW_ANY, or annotations that bypass the sidecar.',
  evidence:
    'faults: what is wrong, and what the application will see; usedBy: some workloads whose sidecars have the entry.',
  newFacts: newTexts('faults', 'faults', (fault) => fault),
  remediation:
    'Correct the entry, or delete it; where policies contradict it, decide which of them is correct.',
  patch: `spec:
  hosts: [api.example.com]
  ports:
    - { number: 443, name: tls, protocol: TLS }
  resolution: DNS
  location: MESH_EXTERNAL`,
  verify: 'istioctl analyze -n NAMESPACE; istioctl proxy-config cluster POD.NAMESPACE --fqdn HOST',
  controls: [],
  withoutControls: 'it reports a functional fault, which none of the listed standards covers.',
  examples: [
    {
      title: 'a resolution that needs endpoints, without endpoints',
      verdict: 'fail',
      others: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC`,
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
  // Policies are not among them: what is wrong in an entry is wrong whatever they say.
  needs: ['serviceentries.networking.istio.io', 'sidecars.networking.istio.io'],
  evaluateObjects(context) {
    const all = context.mesh.entries.flatMap(({ entry }) => ('known' in entry ? [entry.known] : []));
    const shared = sharedPorts(all);
    const faults = (entry: ServiceEntry): readonly Fault[] => [
      ...faultsOf(entry),
      ...[shared.get(entry) ?? []].flat(),
    ];
    const sound = all.filter((entry) => entry.external && faults(entry).length === 0);
    // What policies shut off takes the longest to find out, so all that needs no policies is said before.
    const conflicts = once(() => conflictsOf(sound, context.mesh.scopes(), context.egressOf));
    return judgeEntries(
      context,
      (entry) => {
        const own = faults(entry);
        if (own.length > 0) return failOf(own, context.mesh.audience(entry));
        return entry.unknownField === null ? null : undecided(unknownField(entry.title, entry.unknownField));
      },
      (entry) => {
        const audience = context.mesh.audience(entry);
        return judgeUse(entry, { audience, conflict: conflicts().get(entry) ?? 'open' }, context);
      },
    );
  },
};

function failOf(faults: readonly Fault[], { knowing }: Audience): Fail {
  const texts = faults.map(({ because, symptom }) => `${because}. ${SYMPTOMS[symptom]}`);
  return {
    verdict: 'fail',
    container: null,
    message: texts[0] ?? '',
    evidence: { faults: texts, usedBy: workloadsOf(knowing) },
    pods: podsOf(knowing),
  };
}

/** An entry that is right in itself: whether those who know it get anywhere with it. */
function judgeUse(
  entry: ServiceEntry,
  { audience, conflict }: { readonly audience: Audience; readonly conflict: Conflict },
  context: ObjectContext,
): Outcome {
  const { knowing, without, open } = audience;
  if (entry.workloadSelector !== null) return undecided(NO_WORKLOAD_ENTRIES);
  // With only part of the pods at hand, those of the others may use it.
  const partial = context.missing.has('pods') || isElsewhere(entry, context);
  if (knowing.length === 0 && open.length === 0) {
    return without.length === 0 || partial ? pass() : failOf([notImported(without[0]?.namespace)], audience);
  }
  if (!entry.external) return pass();
  const unread = context.inventory.gaps.find(
    ({ resource, scope }) => scope === undefined && isPolicyResource(resource),
  );
  if (unread !== undefined) return undecided(unread);
  if (conflict === 'open') return pass();
  if (!('blocked' in conflict)) return undecided(conflict);
  if (partial) return undecided(IN_PARTS);
  const { policies } = context.egressOf(conflict.blocked).answer;
  return failOf([denied(policies)], { ...audience, knowing: [...knowing, ...open] });
}

/** Whether pods of other parts of the cluster may know the entry. */
const isElsewhere = ({ exportTo, ref }: ServiceEntry, { inventory }: ObjectContext): boolean =>
  inventory.shard !== undefined &&
  !(exportTo.length > 0 && exportTo.every((name) => name === '.' || name === ref.namespace));

const notImported = (namespace: string | undefined): Fault => ({
  because: `No Sidecar imports it: all workloads to which it is exported (in ${namespace} among others) have a Sidecar that does not import it`,
  symptom: 'unknownDestination',
});

const denied = (policies: readonly string[]): Fault => ({
  because: `Network policies block every workload that has it (${policies.slice(0, 3).join(', ')}${policies.length > 3 ? ' and others' : ''})`,
  symptom: 'timeout',
});

const NO_WORKLOAD_ENTRIES: Unread = {
  reason: 'field-missing',
  message: 'Whether its workload selector selects anything is not known: WorkloadEntry objects are not read.',
  remedy: 'Look at istioctl proxy-config endpoint of a pod that uses it.',
};

const IN_PARTS: Unread = {
  reason: 'list-incomplete',
  message:
    'Network policies block the workloads that were examined; whether they block the others is not known.',
  remedy: 'Audit the whole cluster at once (clusters.shards), or export the entry only to its own namespace.',
};
