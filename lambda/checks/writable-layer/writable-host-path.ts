import type { Json } from '../../findings/finding.ts';
import { mayHoldMounts } from '../../inventory/volumes.ts';
import { ofContainer } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import {
  ATTACK_T1611,
  BSI_APP_4_4_A4,
  BSI_SYS_1_6_A19,
  BSI_SYS_1_6_A23,
  FEDRAMP_CNA_MAT,
  NIST_4_5_5,
  NSA_CISA_POD_SECURITY,
} from '../controls.ts';
import { isObject, isText, newItems } from '../new-facts.ts';

/**
 * Sources: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath ("use readOnly mounts") and
 * https://kubernetes.io/docs/concepts/storage/volumes/#read-only-mounts ("by default … sub-mounts may still be
 * writable"), https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts.
 */
export const writableHostPath: Check = {
  id: 'writable-host-path',
  title: 'hostPath volume is mounted writable',
  category: 'writable-layer',
  severity: 'high',
  cause: ofContainer('node-path'),
  failsWhen:
    'A container mounts a hostPath volume without readOnly: true, or without recursiveReadOnly: Enabled where other file systems are mounted below it.',
  notEvaluatedWhen:
    'A path with other file systems mounted below it is mounted with recursiveReadOnly: IfPossible, and the status of the container does not say whether the mounts below it are read-only.',
  notApplicableTo: null,
  why: 'An attacker in the container can change files on the node. The changes remain after the pod is gone and may affect other pods and the node itself.',
  evidence:
    'mounts: volume, path on the node, path in the container; belowOnly: the mount itself is read-only, what is mounted below it is not.',
  newFacts: newItems('mounts', 'paths', newPaths),
  remediation:
    'Mount the hostPath with readOnly: true and, where other file systems are mounted below it, recursiveReadOnly: Enabled, or use another kind of volume.',
  patch: `spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          volumeMounts:
            - name: VOLUME
              mountPath: PATH
              readOnly: true
              recursiveReadOnly: Enabled`,
  verify:
    'kubectl -n NAMESPACE get pod POD -o jsonpath=\'{range .spec.containers[*]}{.name} {.volumeMounts}{"\\n"}{end}\'',
  controls: [
    supports(
      NSA_CISA_POD_SECURITY,
      'paths of the host are among the features to deny, or to allow read-only',
    ),
    supports(NIST_4_5_5, 'containers very rarely mount file systems of the host, never its configuration'),
    supports(BSI_APP_4_4_A4, 'the isolation of pods must include the file system'),
    supports(BSI_SYS_1_6_A19, 'only the directories necessary for operation'),
    supports(BSI_SYS_1_6_A23, 'file systems should not be mounted with write permission'),
    supports(ATTACK_T1611, 'a mounted host file system is its first example'),
    supports(FEDRAMP_CNA_MAT, 'asks to minimize lateral movement; the node is one mount away'),
  ],
  examples: [
    {
      title: 'a path of the node without readOnly',
      verdict: 'fail',
      pod: `spec:
  containers:
    - name: app
      image: registry.example.com/app:1.4.2
      volumeMounts: [{ name: logs, mountPath: /logs }]
  volumes: [{ name: logs, hostPath: { path: /var/log } }]`,
    },
    {
      title: 'the same path with readOnly',
      verdict: 'pass',
      pod: `spec:
  containers:
    - name: app
      image: registry.example.com/app:1.4.2
      volumeMounts: [{ name: logs, mountPath: /logs, readOnly: true }]
  volumes: [{ name: logs, hostPath: { path: /var/log } }]`,
    },
    {
      title: 'readOnly over mounts of other file systems',
      verdict: 'fail',
      pod: `spec:
  containers:
    - name: app
      image: registry.example.com/app:1.4.2
      volumeMounts: [{ name: host, mountPath: /host, readOnly: true }]
  volumes: [{ name: host, hostPath: { path: / } }]`,
    },
  ],
  needs: [],
  evaluate(subject): readonly Outcome[] {
    const hostPaths = new Map(
      subject.spec.volumes.flatMap((volume) =>
        volume.type === 'hostPath' ? [[volume.name, volume.path]] : [],
      ),
    );
    return subject.spec.containers.map(({ name, mounts }): Outcome => {
      const writable: Writable[] = [];
      const open: string[] = [];
      for (const { volume, path, readOnly, recursiveReadOnly } of mounts) {
        const hostPath = hostPaths.get(volume);
        if (hostPath === undefined || recursiveReadOnly === 'Enabled') continue;
        if (!readOnly) writable.push({ volume, hostPath, mountPath: path });
        else if (!mayHoldMounts(hostPath)) continue;
        else if (recursiveReadOnly === 'IfPossible') open.push(hostPath);
        else writable.push({ volume, hostPath, mountPath: path, belowOnly: true });
      }
      if (writable.length > 0) {
        return {
          verdict: 'fail',
          container: name,
          message: sentence(name, writable),
          evidence: { mounts: writable },
        };
      }
      return open.length > 0 ? undecided(name, open) : pass(name);
    });
  },
};

type Writable = {
  readonly volume: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly belowOnly?: true;
};

function sentence(container: string, mounts: readonly Writable[]): string {
  const paths = (below: boolean): string =>
    mounts
      .filter(({ belowOnly }) => (belowOnly === true) === below)
      .map(({ hostPath }) => hostPath)
      .join(', ');
  const [whole, below] = [paths(false), paths(true)];
  if (below === '') return `Container ${container} can write ${whole} on its node.`;
  const reason = 'readOnly without recursiveReadOnly: Enabled does not cover it';
  return whole === ''
    ? `Container ${container} can write what is mounted below ${below} on its node: ${reason}.`
    : `Container ${container} can write ${whole} on its node, and what is mounted below ${below}: ${reason}.`;
}

const undecided = (container: string, paths: readonly string[]): Outcome => ({
  verdict: 'not-evaluated',
  container,
  reason: 'field-missing',
  message: `Container ${container} mounts ${paths.join(', ')} with recursiveReadOnly: IfPossible, and its status does not say whether the mounts below are read-only.`,
  remediation: 'Set recursiveReadOnly: Enabled: the pod then starts only if these mounts are read-only.',
});

/** Whatever volume and container path they are mounted by; what lies below a path that could be written is not new. */
function newPaths(before: readonly Json[], now: readonly Json[]): readonly string[] {
  const known = before.flatMap(pathIn);
  const isKnown = (mount: NodePath): boolean =>
    known.some(({ path, belowOnly }) => isWithin(path, mount.path) && (!belowOnly || mount.belowOnly));
  const facts = now
    .flatMap(pathIn)
    .filter((mount) => !isKnown(mount))
    .map(({ path, belowOnly }) =>
      belowOnly
        ? `can also write what is mounted below ${path} on its node`
        : `can also write ${path} on its node`,
    );
  return [...new Set(facts)];
}

interface NodePath {
  readonly path: string;
  readonly belowOnly: boolean;
}

const pathIn = (mount: Json): readonly NodePath[] =>
  isObject(mount) && isText(mount['hostPath'])
    ? [{ path: mount['hostPath'], belowOnly: mount['belowOnly'] === true }]
    : [];

/** `/var` holds `/var/lib`, and itself. */
function isWithin(outer: string, inner: string): boolean {
  return asFolder(inner).startsWith(asFolder(outer));
}

const asFolder = (path: string): string => `${path.replace(/\/+$/, '')}/`;
