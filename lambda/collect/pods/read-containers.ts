import type { ContainerFacts, ContainerState, ContainerType, VolumeFacts } from '../../inventory/pod.ts';
import {
  type Fields,
  list,
  MalformedObject,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  optionalTime,
  requiredObject,
  requiredString,
} from '../fields.ts';
import { recursiveReadOnly } from './recursive-read-only.ts';

/** All containers of a pod, init containers first, with the images that their statuses name. */
export function readContainers(
  spec: Fields,
  statuses: ReadonlyMap<string, Fields>,
): readonly ContainerFacts[] {
  const containers: ContainerFacts[] = [];
  const read = (field: string, type: ContainerType): void => {
    for (const [index, entry] of list(spec[field], `spec.${field}`).entries()) {
      containers.push(readContainer(entry, `spec.${field}[${index}]`, type, statuses));
    }
  };
  read('initContainers', 'init');
  read('containers', 'container');
  read('ephemeralContainers', 'ephemeral');
  if (!containers.some((container) => container.type === 'container')) {
    throw new MalformedObject('spec.containers is missing');
  }
  return containers;
}

function readContainer(
  value: unknown,
  path: string,
  type: ContainerType,
  statuses: ReadonlyMap<string, Fields>,
): ContainerFacts {
  const container = requiredObject(value, path);
  // The API server demands a name, but lists that were trimmed by hand lack it.
  const name = optionalString(container['name'], `${path}.name`) || path.slice('spec.'.length);
  const security = optionalObject(container['securityContext'], `${path}.securityContext`) ?? {};
  const restartPolicy = optionalString(container['restartPolicy'], `${path}.restartPolicy`);
  return {
    name,
    type: type === 'init' && restartPolicy === 'Always' ? 'sidecar' : type,
    image: optionalString(container['image'], `${path}.image`) || null,
    imageId: optionalString(statuses.get(name)?.['imageID'], `status of ${name}: imageID`) || null,
    readOnlyRootFilesystem: optionalBoolean(
      security['readOnlyRootFilesystem'],
      `${path}.securityContext.readOnlyRootFilesystem`,
    ),
    runAsNonRoot: optionalBoolean(security['runAsNonRoot'], `${path}.securityContext.runAsNonRoot`),
    runAsUser: optionalInteger(security['runAsUser'], `${path}.securityContext.runAsUser`),
    mounts: list(container['volumeMounts'], `${path}.volumeMounts`).map((entry, index) => {
      const at = `${path}.volumeMounts[${index}]`;
      const mount = requiredObject(entry, at);
      const mountPath = optionalString(mount['mountPath'], `${at}.mountPath`) ?? '';
      return {
        volume: requiredString(mount['name'], `${at}.name`),
        path: mountPath,
        readOnly: optionalBoolean(mount['readOnly'], `${at}.readOnly`) ?? false,
        ...recursiveReadOnly(optionalString(mount['recursiveReadOnly'], `${at}.recursiveReadOnly`), () =>
          becameReadOnly(statuses.get(name), mountPath),
        ),
      };
    }),
    ports: list(container['ports'], `${path}.ports`).map((entry, index) => {
      const at = `${path}.ports[${index}]`;
      const port = requiredObject(entry, at);
      return {
        name: optionalString(port['name'], `${at}.name`) || null,
        port: optionalInteger(port['containerPort'], `${at}.containerPort`) ?? 0,
        protocol: optionalString(port['protocol'], `${at}.protocol`) || 'TCP',
      };
    }),
  };
}

/** `recursiveReadOnly` as the status of a container has it for one of its mounts. */
function becameReadOnly(status: Fields | undefined, mountPath: string): string | null {
  for (const [index, entry] of list(status?.['volumeMounts'], 'status: volumeMounts').entries()) {
    const at = `status: volumeMounts[${index}]`;
    const mount = requiredObject(entry, at);
    if (mount['mountPath'] === mountPath) {
      return optionalString(mount['recursiveReadOnly'], `${at}.recursiveReadOnly`);
    }
  }
  return null;
}

/** The volumes that are facts: paths of the node, and empty directories. */
export function readVolumes(spec: Fields): readonly VolumeFacts[] {
  const volumes: VolumeFacts[] = [];
  for (const [index, entry] of list(spec['volumes'], 'spec.volumes').entries()) {
    const path = `spec.volumes[${index}]`;
    const volume = requiredObject(entry, path);
    const name = requiredString(volume['name'], `${path}.name`);
    const hostPath = optionalObject(volume['hostPath'], `${path}.hostPath`);
    const emptyDir = optionalObject(volume['emptyDir'], `${path}.emptyDir`);
    if (hostPath) {
      volumes.push({
        type: 'hostPath',
        name,
        path: optionalString(hostPath['path'], `${path}.hostPath.path`) ?? '',
      });
    } else if (emptyDir) {
      const limit = emptyDir['sizeLimit'];
      volumes.push({
        type: 'emptyDir',
        name,
        medium: optionalString(emptyDir['medium'], `${path}.emptyDir.medium`) ?? '',
        // A quantity may be written as a bare number in YAML and JSON.
        sizeLimit:
          typeof limit === 'number' ? String(limit) : optionalString(limit, `${path}.emptyDir.sizeLimit`),
      });
    }
  }
  return volumes;
}

const STATUS_FIELDS = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];

/** The statuses of all kinds of containers, by name. */
export function containerStatuses(status: Fields): ReadonlyMap<string, Fields> {
  const statuses = new Map<string, Fields>();
  for (const field of STATUS_FIELDS) {
    for (const [index, entry] of list(status[field], `status.${field}`).entries()) {
      const path = `status.${field}[${index}]`;
      const found = requiredObject(entry, path);
      statuses.set(requiredString(found['name'], `${path}.name`), found);
    }
  }
  return statuses;
}

/**
 * A pending pod without statuses has no container running; in any other phase a missing status leaves
 * open whether the container runs.
 */
export function stateOf(
  container: string,
  statuses: ReadonlyMap<string, Fields>,
  phase: string | null,
): ContainerState {
  const found = statuses.get(container);
  if (found === undefined) return { container, running: phase === 'Pending' ? false : null, startedAt: null };
  const state = optionalObject(found['state'], `status of ${container}: state`);
  const running =
    state === null ? null : optionalObject(state['running'], `status of ${container}: state.running`);
  if (running === null) {
    // No state at all defaults to waiting (ContainerState, core/v1).
    return { container, running: false, startedAt: null };
  }
  return {
    container,
    running: true,
    startedAt: optionalTime(running['startedAt'], `status of ${container}: state.running.startedAt`),
  };
}
