import { ofContainer } from '../../lambda/checks/cause.ts';
import { type Check, type Outcome, pass, supports } from '../../lambda/checks/check.ts';
import { NSA_CISA_NON_ROOT } from '../../lambda/checks/controls.ts';

/** Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ (the container's field wins). */
export const runsAsUserZero: Check = {
  id: 'runs-as-user-zero',
  title: 'Container runs as root by its own manifest',
  category: 'writable-layer',
  severity: 'medium',
  cause: ofContainer('writable-root'),
  failsWhen: 'runAsUser is 0, in the container or else in its pod.',
  notEvaluatedWhen: null,
  notApplicableTo: 'Containers that do not set runAsUser: their image names the user.',
  why: 'Root can change every file of a writable layer.',
  evidence: 'runAsUser as it holds for the container.',
  remediation: 'Set runAsUser to the user that the image was built for.',
  patch: `spec:
  template:
    spec:
      securityContext: { runAsUser: 1000 }`,
  verify: 'kubectl -n NAMESPACE exec POD -c CONTAINER -- id -u   # not 0',
  controls: [supports(NSA_CISA_NON_ROOT, 'asks for a user other than root')],
  exposure: 0.2,
  examples: [
    {
      title: 'user 0',
      verdict: 'fail',
      pod: 'spec: { securityContext: { runAsUser: 0 } }',
    },
    {
      title: 'another user',
      verdict: 'pass',
      pod: 'spec: { securityContext: { runAsUser: 1000 } }',
    },
    { title: 'the user of the image', verdict: 'not-applicable' },
  ],
  needs: [],
  evaluate({ spec }): readonly Outcome[] {
    return spec.containers.flatMap(({ name, runAsUser }): readonly Outcome[] => {
      const user = runAsUser ?? spec.runAsUser;
      if (user === null) return [];
      if (user !== 0) return [pass(name)];
      const message = `Container ${name} runs as user 0, by its manifest.`;
      return [{ verdict: 'fail', container: name, message, evidence: { runAsUser: user } }];
    });
  },
};
