import { formatDuration } from '../../config/units.ts';
import { clockUndecided, olderThan, seconds, startsAhead } from '../age.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { BSI_APP_4_4_A21, ISO_27001_A_8_8, NIST_53_SI_2, NIST_53_SI_14, PCI_DSS_6_3_3 } from '../controls.ts';

/**
 * A container that restarts gets a new writable layer, so `state.running.startedAt` opens the real
 * window of drift; the pod's own age may be longer. Only containers that run now count.
 * Source: https://kubernetes.io/docs/concepts/storage/volumes/#background ("on-disk files in a container
 * are ephemeral … the kubelet restarts the container with a clean state").
 */
export const containerTooOld: Check = {
  id: 'container-too-old',
  title: 'Container has not been restarted for longer than allowed',
  category: 'age',
  severity: 'medium',
  cause: ofWorkload('not-restarted'),
  failsWhen: 'A running container was last started longer ago than its limit.',
  notEvaluatedWhen:
    'The status of a running container has no start time, or one that is more than five minutes after the time of the audit.',
  notApplicableTo: 'Manifests, and containers that do not run.',
  why: 'A restart recreates the writable layer from the image. Until then, everything that was written, installed or left behind by an intruder stays.',
  evidence: 'oldestAgeSeconds since the last start, limitSeconds, and the type of the container.',
  remediation: 'Roll the workload out again on a schedule shorter than the limit (kubectl rollout restart).',
  patch: `# A rollout replaces every container. Set by: kubectl -n NAMESPACE rollout restart KIND/NAME
spec:
  template:
    metadata:
      annotations:
        kubectl.kubernetes.io/restartedAt: "2026-01-01T00:00:00Z"`,
  verify:
    'kubectl -n NAMESPACE get pod POD -o jsonpath=\'{range .status.containerStatuses[*]}{.name} {.state.running.startedAt}{"\\n"}{end}\'',
  controls: [
    supports(PCI_DSS_6_3_3, 'a container older than the limit cannot run an image that was patched since'),
    supports(BSI_APP_4_4_A21, 'a container that old belongs to a pod that is older still'),
    supports(NIST_53_SI_2, 'what runs that long has got no update since'),
    supports(
      NIST_53_SI_14,
      'asks for components that start in a known state and are terminated periodically',
    ),
    supports(ISO_27001_A_8_8, 'what runs that long keeps every vulnerability found since'),
  ],
  examples: [
    {
      title: 'a last start two months ago',
      verdict: 'fail',
      pod: `status:
  containerStatuses:
    - { name: app, state: { running: { startedAt: 2026-01-01T00:00:00Z } } }`,
    },
    {
      title: 'a restart last week, of an old pod',
      verdict: 'pass',
      pod: `status:
  startTime: 2026-01-01T00:00:00Z
  containerStatuses:
    - { name: app, state: { running: { startedAt: 2026-02-22T00:00:00Z } } }`,
    },
    {
      title: 'a container that waits',
      verdict: 'not-applicable',
      pod: `status:
  containerStatuses:
    - { name: app, state: { waiting: { reason: CrashLoopBackOff } } }`,
    },
  ],
  ofRunning: true,
  needs: [],
  evaluate(subject, { now, limits }): readonly Outcome[] {
    // Of a manifest there is no age.
    if (subject.source === 'template') return [];
    const outcomes: Outcome[] = [];
    for (const { name, type } of subject.spec.containers) {
      const times = subject.population.running.get(name);
      if (times === undefined) continue;
      const over = olderThan(times, now, limits.containerMaxAge);
      if (over.count === 0) {
        if (startsAhead(times, now)) outcomes.push(clockUndecided(name, `Container ${name}`));
        else outcomes.push(times.unknown > 0 ? undecided(name) : pass(name));
        continue;
      }
      outcomes.push({
        verdict: 'fail',
        container: name,
        message: `Container ${name} was last started ${formatDuration(over.oldestAge)} ago; the limit is ${formatDuration(limits.containerMaxAge)}.`,
        evidence: {
          oldestAgeSeconds: seconds(over.oldestAge),
          limitSeconds: seconds(limits.containerMaxAge),
          type,
        },
        pods: { count: over.count, examples: over.examples },
        weight: over.oldestAge,
      });
    }
    return outcomes;
  },
};

const undecided = (container: string): Outcome => ({
  verdict: 'not-evaluated',
  container,
  reason: 'field-missing',
  message: `The status of container ${container} does not say when it was started.`,
  remediation: 'Audit the live cluster, or a snapshot that keeps the status of its pods.',
});
