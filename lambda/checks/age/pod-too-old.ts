import { formatDuration } from '../../config/units.ts';
import { clockUndecided, olderThan, seconds, startsAhead } from '../age.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { BSI_APP_4_4_A21, ISO_27001_A_8_8, NIST_53_SI_2, NIST_53_SI_14, PCI_DSS_6_3_3 } from '../controls.ts';

/**
 * Age counts from `status.startTime` ("the date and time at which the object was acknowledged by the
 * Kubelet"). A pod that was not started has no age.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus
 */
export const podTooOld: Check = {
  id: 'pod-too-old',
  title: 'Pod is older than allowed',
  category: 'age',
  severity: 'medium',
  cause: ofWorkload('not-restarted'),
  failsWhen: 'The age of a started pod (since status.startTime) exceeds its limit.',
  notEvaluatedWhen:
    'The status of a pod has no start time, or one that is more than five minutes after the time of the audit.',
  notApplicableTo: 'Manifests, and pods that have ended or were not started yet.',
  why: 'The longer a pod runs, the more it may have drifted from the image that was scanned, and the longer an intruder keeps access. Regular replacement starts every pod from its image again and picks up patched images.',
  evidence:
    'oldestAgeSeconds and limitSeconds; terminating: how many of the pods are being deleted; mirror: a static pod.',
  remediation:
    'Roll the workload out again on a schedule shorter than the limit, with a freshly built image (kubectl rollout restart).',
  patch: `# A rollout at least every 30 days, e.g. by a scheduled pipeline that runs
#   kubectl -n NAMESPACE rollout restart KIND/NAME
# which sets this annotation, and nothing else:
spec:
  template:
    metadata:
      annotations:
        kubectl.kubernetes.io/restartedAt: "2026-01-01T00:00:00Z"`,
  verify: 'kubectl -n NAMESPACE get pods -o custom-columns=NAME:.metadata.name,STARTED:.status.startTime',
  controls: [
    supports(PCI_DSS_6_3_3, 'a pod older than the limit cannot run an image that was patched since'),
    supports(BSI_APP_4_4_A21, 'asks for regular restarts, at 24 hours at the latest'),
    supports(NIST_53_SI_2, 'what runs that long has got no update since'),
    supports(
      NIST_53_SI_14,
      'asks for components that start in a known state and are terminated periodically',
    ),
    supports(ISO_27001_A_8_8, 'what runs that long keeps every vulnerability found since'),
  ],
  examples: [
    {
      title: 'a start two months ago',
      verdict: 'fail',
      pod: 'status: { startTime: 2026-01-01T00:00:00Z }',
    },
    {
      title: 'a start last week',
      verdict: 'pass',
      pod: 'status: { startTime: 2026-02-22T00:00:00Z }',
    },
    {
      title: 'a start after the audit: clocks disagree',
      verdict: 'not-evaluated',
      pod: 'status: { startTime: 2026-03-01T18:00:00Z }',
    },
  ],
  ofRunning: true,
  needs: [],
  evaluate(subject, { now, limits }): readonly Outcome[] {
    const { active, terminating } = subject.population;
    // Of a manifest there is no age.
    if (subject.source === 'template') return [];
    const total = active.startedAt.length + active.unknown;
    if (total === 0) return [];
    const over = olderThan(active, now, limits.podMaxAge);
    if (over.count === 0) {
      if (startsAhead(active, now)) return [clockUndecided(null, 'A pod')];
      return [active.unknown > 0 ? noStartTime : pass()];
    }
    // Not that it has run: a container of it may be waiting to be started again.
    const deleted = over.examples[0]?.terminating === true ? ', which is being deleted,' : '';
    return [
      {
        verdict: 'fail',
        container: null,
        message: `${subject.spec.mirror ? 'This static pod' : 'The oldest pod'}${deleted} was started ${formatDuration(over.oldestAge)} ago; the limit is ${formatDuration(limits.podMaxAge)}.`,
        evidence: {
          oldestAgeSeconds: seconds(over.oldestAge),
          limitSeconds: seconds(limits.podMaxAge),
          terminating,
          mirror: subject.spec.mirror,
        },
        pods: { count: over.count, examples: over.examples },
        weight: over.oldestAge,
      },
    ];
  },
};

const noStartTime: Outcome = {
  verdict: 'not-evaluated',
  container: null,
  reason: 'field-missing',
  message: 'The status of a pod does not say whether and when it was started.',
  remediation: 'Audit the live cluster, or a snapshot that keeps the status of its pods.',
};
