import type { Placement } from './cluster.ts';
import { type ContainerActivity, containerStatus } from './container-status.ts';
import type { ContainerDescription } from './containers.ts';
import { instant, type Json, present, seconds } from './kubernetes.ts';
import { isFinished, isReady, type PodLife, type PodState, type PodTimes, timesOf } from './pod-life.ts';
import type { TemplateDescription } from './pod-template.ts';

/** A pod as far as its status depends on it. */
export interface PodSubject {
  /** `cluster/namespace/name`: unique, and the seed of everything invented. */
  readonly key: string;
  readonly name: string;
  readonly template: TemplateDescription;
  readonly life: PodLife;
  readonly placement: Placement;
  /** The ephemeral container that `kubectl debug` attached. */
  readonly debugger?: ContainerDescription;
}

/** `status` as the kubelet writes it. */
export function podStatus(pod: PodSubject, now: number): Json {
  const { template, life, placement } = pod;
  const state = life.state ?? 'running';
  const times = timesOf(life, now);
  const podIP = template.hostNetwork ? placement.node.ip : placement.podIP;
  // The kubelet forgets the containers of a pod that it evicted.
  const known = state !== 'evicted';
  return present({
    conditions: conditions(state, times, isReady(life) || state === 'terminating'),
    containerStatuses: known
      ? template.containers.map((container, index) =>
          containerStatus(container, index === 0 ? mainActivity(pod, now) : running(times), pod),
        )
      : undefined,
    ephemeralContainerStatuses: debuggerStatus(pod, now),
    hostIP: placement.node.ip,
    hostIPs: [{ ip: placement.node.ip }],
    initContainerStatuses: known
      ? template.init?.map((container) => containerStatus(container, initActivity(container, pod, now), pod))
      : undefined,
    message: known ? undefined : 'The node was low on resource: ephemeral-storage.',
    phase: PHASES[state],
    podIP: known ? podIP : undefined,
    podIPs: known ? [{ ip: podIP }] : undefined,
    qosClass: 'Burstable',
    reason: known ? undefined : 'Evicted',
    startTime: instant(times.accepted),
  });
}

const PHASES: Readonly<Record<PodState, string>> = {
  running: 'Running',
  terminating: 'Running',
  'crash-loop': 'Running',
  completed: 'Succeeded',
  failed: 'Failed',
  evicted: 'Failed',
  'invalid-image': 'Pending',
};

const running = (times: PodTimes): ContainerActivity => ({
  doing: 'running',
  since: times.lastStart,
  firstStart: times.firstStart,
});

/** What the pod's state means for its first container; the others are well. */
function mainActivity(pod: PodSubject, now: number): ContainerActivity {
  const times = timesOf(pod.life, now);
  switch (pod.life.state) {
    case 'completed':
    case 'failed':
      return {
        doing: 'ended',
        started: times.firstStart,
        finished: times.finished,
        exitCode: pod.life.state === 'completed' ? 0 : 1,
      };
    case 'crash-loop':
      return { doing: 'crash-loop', lastCrash: now - seconds(140) };
    case 'invalid-image':
      return { doing: 'invalid-image' };
    default:
      return running(times);
  }
}

function initActivity(container: ContainerDescription, pod: PodSubject, now: number): ContainerActivity {
  const { accepted, firstStart, lastStart, finished } = timesOf(pod.life, now);
  if (container.restartPolicy === 'Always') {
    return isFinished(pod.life.state ?? 'running')
      ? { doing: 'ended', started: accepted + seconds(2), finished, exitCode: 0 }
      : { doing: 'running', since: lastStart - seconds(2), firstStart: firstStart - seconds(2) };
  }
  return { doing: 'ended', started: accepted + seconds(2), finished: accepted + seconds(5), exitCode: 0 };
}

function debuggerStatus(pod: PodSubject, now: number): readonly Json[] | undefined {
  if (pod.debugger === undefined || pod.life.debugged === undefined) return undefined;
  const since = now - pod.life.debugged.ago;
  return [containerStatus(pod.debugger, { doing: 'running', since, firstStart: since }, pod)];
}

function conditions(state: PodState, times: PodTimes, ready: boolean): readonly Json[] {
  const finished = isFinished(state);
  const at = finished ? times.finished : times.ready;
  const unready = finished ? { reason: 'PodCompleted' } : { reason: 'ContainersNotReady' };
  const condition = (type: string, status: boolean, since: number): Json => ({
    lastProbeTime: null,
    lastTransitionTime: instant(since),
    ...(status ? {} : unready),
    status: status ? 'True' : 'False',
    type,
  });
  return [
    condition(
      'PodReadyToStartContainers',
      !finished,
      finished ? times.finished : times.accepted + seconds(2),
    ),
    condition('Initialized', true, times.initialized),
    condition('Ready', ready, at),
    condition('ContainersReady', ready, at),
    condition('PodScheduled', true, times.created),
  ];
}
