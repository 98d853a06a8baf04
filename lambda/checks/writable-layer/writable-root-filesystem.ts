import { ofAttached, ofContainer } from '../cause.ts';
import { type Check, type Outcome, pass, supports } from '../check.ts';
import {
  ATTACK_T1609,
  ATTACK_T1611,
  BSI_SYS_1_6_A23,
  FEDRAMP_CMT_RMV,
  ISO_27001_A_8_9,
  NIST_4_4_4,
  NIST_53_CM_5,
  NSA_CISA_IMMUTABLE,
  PCI_DSS_2_2_6,
} from '../controls.ts';
import { rootFilesystem } from './root-filesystem.ts';

export const writableRootFilesystem: Check = {
  id: 'writable-root-filesystem',
  title: 'Root filesystem is writable',
  category: 'writable-layer',
  severity: 'medium',
  cause: ofContainer('writable-root'),
  otherCauses: ['debug-left'],
  failsWhen:
    'securityContext.readOnlyRootFilesystem is not true, for containers, init, sidecar and ephemeral containers.',
  notEvaluatedWhen:
    'The pod runs on Windows, where the field has no effect, or its operating system is unknown because its node could not be read.',
  notApplicableTo: null,
  why: 'A container that can write its own root filesystem can replace its libraries and binaries while it runs; the scan of its image then no longer describes it.',
  evidence: 'readOnlyRootFilesystem as set (null: not set) and the type of the container.',
  remediation:
    'Set securityContext.readOnlyRootFilesystem: true and mount an emptyDir with a size limit where the program must write.',
  patch: `spec:
  template:
    spec:
      containers:
        - name: CONTAINER
          securityContext:
            readOnlyRootFilesystem: true
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }`,
  verify: 'kubectl -n NAMESPACE exec POD -c CONTAINER -- touch /probe   # must fail: Read-only file system',
  controls: [
    supports(
      NSA_CISA_IMMUTABLE,
      'asks for this very setting, so that scripts cannot be downloaded and the application cannot be modified',
    ),
    supports(NIST_4_4_4, 'asks that containers run with a read-only root filesystem'),
    supports(BSI_SYS_1_6_A23, 'containers should not be able to change their file system at run time'),
    supports(ATTACK_T1609, 'mitigation M1038 is a read-only file system'),
    supports(ATTACK_T1611, 'mitigation M1038 is a read-only file system'),
    supports(NIST_53_CM_5, 'asks to restrict changes; what runs can be changed in place'),
    supports(FEDRAMP_CMT_RMV, 'asks for redeployment instead of direct modification'),
    supports(PCI_DSS_2_2_6, 'a security parameter that prevents misuse, and is not set'),
    supports(ISO_27001_A_8_9, 'asks to implement and monitor security configurations'),
  ],
  examples: [
    {
      title: 'no securityContext',
      verdict: 'fail',
      pod: 'spec: { containers: [{ name: app, image: registry.example.com/app:1.4.2 }] }',
    },
    {
      title: 'a root filesystem that is read-only',
      verdict: 'pass',
      pod: `spec:
  containers:
    - name: app
      image: registry.example.com/app:1.4.2
      securityContext: { readOnlyRootFilesystem: true }`,
    },
    {
      title: 'a node that runs Windows',
      verdict: 'not-evaluated',
      pod: 'spec: { nodeName: windows }',
      others: `apiVersion: v1
kind: Node
metadata: { name: windows, labels: { kubernetes.io/os: windows } }`,
    },
  ],
  needs: [],
  evaluate(subject, context): readonly Outcome[] {
    return subject.spec.containers.map((container): Outcome => {
      const found = rootFilesystem(subject, container, context);
      if (found === 'read-only') return pass(container.name);
      if (found !== 'writable') return found;
      const { readOnlyRootFilesystem: set, type } = container;
      return {
        verdict: 'fail',
        container: container.name,
        message: `${label(type)} ${container.name} can write its root filesystem: readOnlyRootFilesystem is ${set === null ? 'not set' : 'false'}.`,
        evidence: { readOnlyRootFilesystem: set, type },
        ...ofAttached(subject.workload, container),
      };
    });
  },
};

function label(type: string): string {
  return type === 'container' ? 'Container' : `${type.charAt(0).toUpperCase()}${type.slice(1)} container`;
}
