import type { OperatingSystem } from '../../../inventory/pod.ts';
import { type Fields, optionalObject } from '../../fields.ts';
import { readMessage } from '../protobuf/wire.ts';
import { boolean, embedded, made, ownText, repeated, text, texts } from './kinds.ts';
import { type Field, message, type Reading } from './message.ts';

/** The label by which nodes say it, and its deprecated name, which the scheduler still uses. */
const OS_LABELS: readonly string[] = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

const isOsLabel = (key: string): boolean => OS_LABELS.includes(key);

/**
 * A label that the kubelet sets on nodes with Windows alone: its version.
 * Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build
 */
const WINDOWS_BUILD = 'node.kubernetes.io/windows-build';

const tellsOs = (key: string): boolean => isOsLabel(key) || key === WINDOWS_BUILD;

export function asOs(name: string): OperatingSystem | null {
  return name === 'windows' || name === 'linux' ? name : null;
}

type Selected = Readonly<Record<string, string>>;
const NOTHING_SELECTED: Selected = {};

/** Of the labels of nodes that a pod selects, those that tell the system. */
export const osSelector = (number: number): Field<Selected> => ({
  number,
  absent: NOTHING_SELECTED,
  fromJson(value, path) {
    const selector: Fields = optionalObject(value, path) ?? {};
    const found: Record<string, string> = {};
    for (const label of [...OS_LABELS, WINDOWS_BUILD]) {
      const wanted = selector[label];
      if (typeof wanted === 'string') found[label] = wanted;
    }
    return found;
  },
  // One entry of the map: key (1) and value (2).
  fromProtobuf(reader, tag, { strings }, before = NOTHING_SELECTED) {
    let key = '';
    let value = '';
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 === 1) key = strings.text(reader, inner);
      else if (inner >>> 3 === 2) value = strings.text(reader, inner);
      else return false;
      return true;
    });
    return tellsOs(key) ? { ...before, [key]: value } : before;
  },
});

/** `hostProcess` says that it is one of Windows' own processes; a pointer in Go: sent only where set. */
export const WINDOWS_OPTIONS = message({ hostProcess: boolean(4) });

export const POD_OS = message({ name: text(1) });

const TERM = message({
  matchExpressions: repeated(1, message({ key: ownText(1), operator: ownText(2), values: texts(3) })),
});
type Term = ReturnType<typeof TERM.fresh>;

/** An empty term may be written as null. */
const NULLABLE_TERM: Reading<Term> = {
  ...TERM,
  fromJson: (value, path) => (value === null ? TERM.fresh() : TERM.fromJson(value, path)),
};

const AFFINITY = message({
  nodeAffinity: embedded(
    1,
    message({
      requiredDuringSchedulingIgnoredDuringExecution: embedded(
        1,
        message({ nodeSelectorTerms: repeated(1, NULLABLE_TERM) }),
      ),
    }),
  ),
});

/** What required node affinity says of the system; the rest of an affinity differs among the pods of a DaemonSet. */
export const affinityOs = (number: number): Field<OperatingSystem | null> =>
  made(embedded(number, AFFINITY), (affinity) =>
    osOfTerms(
      affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [],
    ),
  );

/**
 * The system of the nodes that required node affinity leaves. Terms are alternatives, so each must name it;
 * the expressions of a term hold together, so one is enough. A term without expressions matches no node, and is
 * not counted on.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
 */
function osOfTerms(terms: readonly Term[]): OperatingSystem | null {
  const [first, ...others] = terms.map(osOfTerm);
  return first !== undefined && others.every((os) => os === first) ? first : null;
}

/** Operators of which nodes without the label meet none. */
const WANTS_A_VALUE: ReadonlySet<string> = new Set(['In', 'Exists', 'Gt', 'Lt']);

function osOfTerm({ matchExpressions }: Term): OperatingSystem | null {
  for (const { key, operator, values } of matchExpressions) {
    if (key === WINDOWS_BUILD && WANTS_A_VALUE.has(operator)) return 'windows';
    // There are nodes of two systems (spec.os.name), and the kubelet labels each of them.
    if (isOsLabel(key) && operator === 'NotIn' && values.includes('linux')) return 'windows';
    const [only, ...others] = values;
    if (isOsLabel(key) && operator === 'In' && only !== undefined && others.length === 0) return asOs(only);
  }
  return null;
}

/** What the template of a pod says of the system it runs on; the first that says something decides. */
export interface OsWords {
  /** `spec.os.name` */
  readonly named: string;
  /** `windowsOptions.hostProcess` of the pod or of a container: "HostProcess containers" are Windows' own. */
  readonly hostProcess: boolean;
  /** By label of nodes that it selects. */
  readonly selected: Selected;
}

/**
 * Sources: https://kubernetes.io/docs/concepts/windows/user-guide/#ensuring-os-specific-workloads-land-on-the-appropriate-container-host
 * and https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/
 */
export function osFrom(
  { named, hostProcess, selected }: OsWords,
  affinity: OperatingSystem | null,
): OperatingSystem | null {
  if (named !== '') return asOs(named);
  if (hostProcess) return 'windows';
  for (const label of OS_LABELS) {
    const value = selected[label];
    if (value !== undefined) return asOs(value);
  }
  if (selected[WINDOWS_BUILD] !== undefined) return 'windows';
  return affinity;
}
