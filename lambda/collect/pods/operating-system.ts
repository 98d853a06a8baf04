import type { OperatingSystem } from '../../inventory/pod.ts';
import {
  type Fields,
  list,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredObject,
} from '../fields.ts';

/** The label by which nodes say it, and its deprecated name, which the scheduler still goes by. */
const OS_LABELS: readonly string[] = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

export const isOsLabel = (key: string): boolean => OS_LABELS.includes(key);

export function asOs(text: string): OperatingSystem | null {
  return text === 'windows' || text === 'linux' ? text : null;
}

/** What a pod says of the system it runs on; the first that says something decides. */
export interface OsWords {
  /** `spec.os.name` */
  named: string;
  /** `windowsOptions.hostProcess` of the pod or of a container: "HostProcess containers" are Windows' own. */
  hostProcess: boolean;
  /** By label of nodes that it selects. */
  readonly selected: Record<string, string>;
  /** See {@link osOfTerms}. */
  affinity: OperatingSystem | null;
}

export const newOsWords = (): OsWords => ({ named: '', hostProcess: false, selected: {}, affinity: null });

/**
 * Sources: https://kubernetes.io/docs/concepts/windows/user-guide/#ensuring-os-specific-workloads-land-on-the-appropriate-container-host
 * and https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/
 */
export function osFrom({ named, hostProcess, selected, affinity }: OsWords): OperatingSystem | null {
  if (named !== '') return asOs(named);
  if (hostProcess) return 'windows';
  for (const label of OS_LABELS) {
    const value = selected[label];
    if (value !== undefined) return asOs(value);
  }
  return affinity;
}

/** One requirement of a node selector term. */
export interface NodeRequirement {
  key: string;
  operator: string;
  readonly values: string[];
}

/**
 * The system of the nodes that required node affinity leaves. Terms are alternatives, so each must name it;
 * the expressions of a term hold together, so one is enough. A term without expressions matches no node, and is
 * not counted on.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
 */
export function osOfTerms(terms: readonly (readonly NodeRequirement[])[]): OperatingSystem | null {
  const [first, ...others] = terms.map(osOfTerm);
  return first !== undefined && others.every((os) => os === first) ? first : null;
}

function osOfTerm(requirements: readonly NodeRequirement[]): OperatingSystem | null {
  for (const { key, operator, values } of requirements) {
    const [only, ...others] = values;
    if (isOsLabel(key) && operator === 'In' && only !== undefined && others.length === 0) return asOs(only);
  }
  return null;
}

/** Reads all of it from a PodSpec in JSON. */
export function readOs(spec: Fields): OperatingSystem | null {
  const words = newOsWords();
  words.named = optionalString(optionalObject(spec['os'], 'spec.os')?.['name'], 'spec.os.name') ?? '';
  words.hostProcess = isHostProcess(spec);
  const selector = optionalObject(spec['nodeSelector'], 'spec.nodeSelector') ?? {};
  for (const label of OS_LABELS) {
    const value = selector[label];
    if (typeof value === 'string') words.selected[label] = value;
  }
  words.affinity = osOfTerms(readTerms(spec));
  return osFrom(words);
}

function isHostProcess(spec: Fields): boolean {
  const asks = (holder: Fields, path: string): boolean => {
    const security = optionalObject(holder['securityContext'], `${path}.securityContext`);
    const at = `${path}.securityContext.windowsOptions`;
    const options = optionalObject(security?.['windowsOptions'], at);
    return optionalBoolean(options?.['hostProcess'], `${at}.hostProcess`) === true;
  };
  return (
    asks(spec, 'spec') ||
    ['initContainers', 'containers', 'ephemeralContainers'].some((field) =>
      list(spec[field], `spec.${field}`).some((entry, index) => {
        const path = `spec.${field}[${index}]`;
        return asks(requiredObject(entry, path), path);
      }),
    )
  );
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function readTerms(spec: Fields): readonly (readonly NodeRequirement[])[] {
  const path = `spec.affinity.nodeAffinity.${REQUIRED}`;
  const affinity = optionalObject(spec['affinity'], 'spec.affinity');
  const toNodes = optionalObject(affinity?.['nodeAffinity'], 'spec.affinity.nodeAffinity');
  const required = optionalObject(toNodes?.[REQUIRED], path);
  return list(required?.['nodeSelectorTerms'], `${path}.nodeSelectorTerms`).map((term, index) => {
    const at = `${path}.nodeSelectorTerms[${index}].matchExpressions`;
    // An empty term may be written as null.
    const expressions = optionalObject(term, at)?.['matchExpressions'];
    return list(expressions, at).map((entry, number) => {
      const found = requiredObject(entry, `${at}[${number}]`);
      return {
        key: optionalString(found['key'], `${at}[${number}].key`) ?? '',
        operator: optionalString(found['operator'], `${at}[${number}].operator`) ?? '',
        values: list(found['values'], `${at}[${number}].values`).filter((value) => typeof value === 'string'),
      };
    });
  });
}
