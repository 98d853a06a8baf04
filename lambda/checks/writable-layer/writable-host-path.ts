import { type Check, type Outcome, pass } from '../check.ts';
import {
  ATTACK_T1611,
  BSI_APP_4_4_A4,
  BSI_SYS_1_6_A19,
  BSI_SYS_1_6_A23,
  NIST_4_5_5,
  NSA_CISA_POD_SECURITY,
} from '../controls.ts';

/** Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath ("use readOnly mounts"). */
export const writableHostPath: Check = {
  id: 'writable-host-path',
  title: 'Path of the node is mounted writable',
  category: 'writable-layer',
  severity: 'high',
  failsWhen: 'A container mounts a hostPath volume without readOnly: true.',
  why: 'Whoever controls the container can change files of the node: the drift outlives the pod and may reach other pods and the node itself.',
  evidence: 'mounts: volume, path on the node, path in the container.',
  remediation: 'Mount the hostPath with readOnly: true, or use another kind of volume.',
  patch: `spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          volumeMounts:
            - name: VOLUME
              mountPath: PATH
              readOnly: true`,
  verify:
    'kubectl -n NAMESPACE get pod POD -o jsonpath=\'{range .spec.containers[*]}{.name} {.volumeMounts}{"\\n"}{end}\'',
  controls: [
    NSA_CISA_POD_SECURITY,
    NIST_4_5_5,
    BSI_APP_4_4_A4,
    BSI_SYS_1_6_A19,
    BSI_SYS_1_6_A23,
    ATTACK_T1611,
  ],
  needs: [],
  evaluate(subject): readonly Outcome[] {
    const hostPaths = new Map(
      subject.spec.volumes.flatMap((volume) =>
        volume.type === 'hostPath' ? [[volume.name, volume.path]] : [],
      ),
    );
    return subject.spec.containers.map(({ name, mounts }): Outcome => {
      const writable = mounts.flatMap(({ volume, path, readOnly }) => {
        const hostPath = hostPaths.get(volume);
        return hostPath === undefined || readOnly ? [] : [{ volume, hostPath, mountPath: path }];
      });
      if (writable.length === 0) return pass(name);
      return {
        verdict: 'fail',
        container: name,
        message: `Container ${name} can write ${writable.map(({ hostPath }) => hostPath).join(', ')} on its node.`,
        evidence: { mounts: writable },
      };
    });
  },
};
