import { isUnbounded } from '../../inventory/volumes.ts';
import { ofWorkload } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import { BSI_SYS_1_6_A15 } from '../controls.ts';
import { newTexts } from '../new-facts.ts';

export const unboundedEmptyDir: Check = {
  id: 'unbounded-empty-dir',
  title: 'emptyDir on disk without a size limit',
  category: 'writable-layer',
  severity: 'low',
  cause: ofWorkload('unbounded-volume'),
  failsWhen: "An emptyDir volume on the node's disk has no sizeLimit.",
  notEvaluatedWhen: null,
  notApplicableTo: null,
  why: 'It can fill the disk of the node with downloaded content, and the kubelet then evicts other pods.',
  evidence: 'volumes: the names of the emptyDir volumes without a limit.',
  newFacts: newTexts('volumes', 'volumes', (name) => `volume ${name} has no limit either`),
  remediation: 'Set emptyDir.sizeLimit to what the program needs.',
  patch: `spec:
  template:
    spec:
      volumes:
        - name: VOLUME
          emptyDir:
            sizeLimit: 256Mi`,
  verify: "kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.volumes[*].emptyDir}'",
  controls: [supports(BSI_SYS_1_6_A15, 'asks for a limit of the storage of each container')],
  examples: [
    {
      title: 'an emptyDir without a limit',
      verdict: 'fail',
      pod: 'spec: { volumes: [{ name: cache, emptyDir: {} }] }',
    },
    {
      title: 'an emptyDir with a limit',
      verdict: 'pass',
      pod: 'spec: { volumes: [{ name: cache, emptyDir: { sizeLimit: 256Mi } }] }',
    },
    {
      title: 'an emptyDir in memory',
      verdict: 'pass',
      pod: 'spec: { volumes: [{ name: cache, emptyDir: { medium: Memory } }] }',
    },
  ],
  needs: [],
  evaluate(subject): readonly Outcome[] {
    const volumes = subject.spec.volumes.filter((volume) => isUnbounded(volume)).map((volume) => volume.name);
    if (volumes.length === 0) return [pass()];
    const plural = volumes.length > 1;
    return [
      {
        verdict: 'fail',
        container: null,
        message: `emptyDir ${plural ? 'volumes' : 'volume'} ${volumes.join(', ')} ${plural ? 'have' : 'has'} no sizeLimit.`,
        evidence: { volumes },
      },
    ];
  },
};
