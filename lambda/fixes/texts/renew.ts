import type { Fix } from '../../findings/finding.ts';
import { deleteCommand, restartCommand } from '../commands.ts';
import { type FixFacts, listed, objectName, short } from '../facts.ts';
import { workloadKindOf } from '../kinds.ts';

const SINGLE = 'With one replica it is away until the new pod is ready.';
const OTHER_IMAGE = 'A tag that has moved since then starts another image.';

/** Pods that are too old are started anew, each kind in its own way. */
export function restartFix(facts: FixFacts): Fix {
  const { workload } = facts;
  const name = objectName(workload);
  const command = restartCommand(facts);
  if (isStatic(facts)) return staticPod(facts);
  switch (workloadKindOf(facts)?.renew) {
    case 'rollout':
    case 'argo':
      return {
        text: `Restart ${name} on a schedule shorter than the limit, from a current image.`,
        command,
        risk: `It replaces all pods as its update strategy says. ${SINGLE} ${OTHER_IMAGE}`,
      };
    case 'next-run':
      return {
        text: `The next run of ${name} starts from its image. See why this one still runs, and end it if it hangs.`,
        command: null,
        risk: 'Ending it stops its work.',
      };
    case 'recreate':
      return workload.kind === 'Pod'
        ? barePod(facts, 'Create it again from its manifest')
        : {
            text: `A ${workload.kind} cannot be restarted: see why ${name} still runs; delete it and create it again if it hangs.`,
            command: null,
            risk: 'Deleting it stops its work.',
          };
    default:
      return deletion(
        facts,
        facts.pods.names.slice(0, 1),
        `${workloadKindOf(facts) === null ? `Restart ${name} as its operator offers it, or delete` : 'Delete'} the pods of ${name} one by one`,
      );
  }
}

/** What was changed by hand or has drifted ends with the pod. */
export function replaceFix(facts: FixFacts, why: string): Fix {
  if (isStatic(facts)) return staticPod(facts);
  if (facts.workload.kind === 'Pod') return barePod(facts, `Create it again from its manifest: ${why}`);
  const { kind } = facts.workload;
  if (kind === 'Job') {
    return {
      text: `Delete the pod of ${objectName(facts.workload)} if its work may start again: ${why}.`,
      command: null,
      risk: 'The work of the pod is lost; whether it starts again depends on restartPolicy and backoffLimit.',
    };
  }
  const { count, names } = facts.pods;
  const shown = listed(names.slice(0, 3).map((name) => short(name)));
  const rest =
    count > names.length || names.length > 3 ? ` and the others of ${objectName(facts.workload)}` : '';
  const action = count === 1 ? `Delete the pod ${shown}` : `Delete the pods ${shown}${rest} one by one`;
  // All at once would be an outage where these are all that there are.
  return deletion(facts, names.slice(0, 1), action, why);
}

function deletion(facts: FixFacts, names: readonly string[], action: string, why?: string): Fix {
  return {
    text: `${action}: what is deleted is created again from the image.${why === undefined ? '' : ` ${why}.`}`,
    command: deleteCommand(facts, names),
    risk: `kubectl delete does not ask disruption budgets: wait for each new pod. ${SINGLE} ${OTHER_IMAGE}`,
  };
}

const isStatic = ({ group }: FixFacts): boolean => group.some(({ spec }) => spec.mirror);

const staticPod = ({ workload }: FixFacts): Fix => ({
  text: `${short(workload.name)} is a static pod of its node: replace the node, or move the file out of the manifest folder of the kubelet and back.`,
  command: null,
  risk: 'What runs on the node is interrupted.',
});

const barePod = ({ workload }: FixFacts, action: string): Fix => ({
  text: `${action}. Pod ${short(workload.namespace)}/${short(workload.name)} has no controller, so nothing will create it again when it is deleted; a Deployment would.`,
  command: null,
  risk: 'It is away until it is created again.',
});
