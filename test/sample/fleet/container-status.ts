import { type ContainerDescription, digestOf, repositoryOf } from './containers.ts';
import { hex, instant, type Json, present, seconds } from './kubernetes.ts';

/** What a container is doing. Instants in epoch milliseconds. */
export type ContainerActivity =
  | { readonly doing: 'running'; readonly since: number; readonly firstStart: number }
  | {
      readonly doing: 'ended';
      readonly started: number;
      readonly finished: number;
      readonly exitCode: number;
    }
  | { readonly doing: 'crash-loop'; readonly lastCrash: number }
  | { readonly doing: 'invalid-image' };

/** An entry of `status.containerStatuses`, or of its init and ephemeral sisters. */
export function containerStatus(
  container: ContainerDescription,
  activity: ContainerActivity,
  pod: { readonly key: string; readonly name: string },
): Json {
  const key = `${pod.key}/${container.name}`;
  const running = activity.doing === 'running';
  const started = activity.doing !== 'invalid-image';
  return present({
    containerID: started ? containerId(`${key}/now`) : undefined,
    image: started ? runtimeName(container.image) : container.image,
    imageID: started ? `${repositoryOf(runtimeName(container.image))}@${digestOf(container.image)}` : '',
    lastState: lastState(activity, key),
    name: container.name,
    ready: running || (activity.doing === 'ended' && activity.exitCode === 0),
    restartCount: restartCount(activity),
    started: running,
    state: state(container, activity, pod),
    volumeMounts: container.mounts?.map((mount) => ({
      ...mount,
      ...(mount['readOnly'] ? { recursiveReadOnly: 'Disabled' } : {}),
    })),
  });
}

const containerId = (key: string): string => `containerd://${hex(`container/${key}`)}`;

/** The runtime reports references in full: `redis` is `docker.io/library/redis:latest` to it. */
function runtimeName(image: string): string {
  const [name = image, digest] = image.split('@');
  const host = name.split('/')[0] ?? '';
  const hasHost = name.includes('/') && (/[.:]/.test(host) || host === 'localhost');
  const path = hasHost ? name : name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`;
  const tagged = path.length > repositoryOf(path).length;
  if (digest !== undefined) return `${repositoryOf(path)}@${digest}`;
  return tagged ? path : `${path}:latest`;
}

function restartCount(activity: ContainerActivity): number {
  if (activity.doing === 'crash-loop') return 412;
  return activity.doing === 'running' && activity.since > activity.firstStart ? 1 : 0;
}

function lastState(activity: ContainerActivity, key: string): Json {
  const containerID = containerId(`${key}/before`);
  if (activity.doing === 'crash-loop') {
    const { lastCrash } = activity;
    return { terminated: { containerID, ...ended('Error', 1, lastCrash - seconds(4), lastCrash) } };
  }
  if (activity.doing === 'running' && activity.since > activity.firstStart) {
    const { firstStart, since } = activity;
    return { terminated: { containerID, ...ended('OOMKilled', 137, firstStart, since - seconds(2)) } };
  }
  return {};
}

function state(
  container: ContainerDescription,
  activity: ContainerActivity,
  pod: { readonly key: string; readonly name: string },
): Json {
  switch (activity.doing) {
    case 'running':
      return { running: { startedAt: instant(activity.since) } };
    case 'ended': {
      const { exitCode, started, finished } = activity;
      const containerID = containerId(`${pod.key}/${container.name}/now`);
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      return { terminated: { containerID, ...ended(reason, exitCode, started, finished) } };
    }
    case 'crash-loop': {
      const message = `back-off 5m0s restarting failed container=${container.name} pod=${pod.name}`;
      return { waiting: { message, reason: 'CrashLoopBackOff' } };
    }
    case 'invalid-image': {
      const message = `Failed to apply default image tag "${container.image}": couldn't parse image name: invalid reference format`;
      return { waiting: { message, reason: 'InvalidImageName' } };
    }
  }
}

const ended = (reason: string, exitCode: number, started: number, finished: number): Json => ({
  exitCode,
  finishedAt: instant(finished),
  reason,
  startedAt: instant(started),
});
