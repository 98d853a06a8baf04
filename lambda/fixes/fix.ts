import type { Fix } from '../findings/finding.ts';
import { containersMeant, editsOf, isFromWebhook } from './edits.ts';
import { type FixFacts, objectName, originText } from './facts.ts';
import { enforcementFix, meshFix, namespaceFix, ruleFix, showAddOn } from './texts/egress.ts';
import { replaceFix, restartFix } from './texts/renew.ts';
import { templateFix, webhookFix } from './texts/template.ts';

/** Computes what to change to remove a cause, with the real names; texts may hold any of them. */
export function fixOf(facts: FixFacts): Fix {
  const { cause, group, managedBy } = facts;
  switch (cause.kind) {
    case 'no-egress-policy':
      return namespaceFix(facts);
    case 'rule-too-wide':
      return ruleFix(facts);
    case 'policy-not-enforced':
      return enforcementFix(facts);
    case 'mesh-open':
      return meshFix(facts);
    case 'not-restarted':
      return restartFix(facts);
    case 'debug-left':
      return replaceFix(facts, 'A debug container cannot be removed from a pod');
    case 'drifted':
      return replaceFix(facts, 'What was written ends with it; find out who wrote it first');
    case 'writable-root':
    case 'node-path':
    case 'host-network':
    case 'unbounded-volume':
    case 'image-behind':
    case 'unknown':
      break;
  }
  if (managedBy !== null) return managedFix(facts, managedBy);
  const meant = containersMeant(cause.object, group);
  const [container = null] = meant;
  const isInjected = container !== null && meant.every((name) => isFromWebhook(name, group));
  const injected = isInjected ? webhookFix(container, facts) : null;
  if (injected !== null) return injected;
  if (cause.kind === 'writable-root' && isEphemeral(container, facts)) {
    return replaceFix(facts, 'A debug container cannot be changed or removed');
  }
  const edits = editsOf(cause, group);
  return edits.length > 0 ? templateFix(facts, edits) : inWords(facts);
}

/** Only the check itself says what to do. */
const inWords = (facts: FixFacts): Fix => ({
  text: `${objectName(facts.workload)}${facts.origin === null ? '' : ` (${originText(facts.origin)})`}: ${facts.remediation}`,
  command: null,
  risk: null,
});

const isEphemeral = (container: string | null, { group }: FixFacts): boolean =>
  container !== null &&
  group.some(({ spec }) =>
    spec.containers.some(({ name, type }) => name === container && type === 'ephemeral'),
  );

const ADD_ON = /^EKS add-on (?<name>[a-z0-9-]+)$/;

/** Whoever manages a workload would undo a change of it. Whether EKS lists an add-on is not read: it may be installed by hand. */
function managedFix(facts: FixFacts, managedBy: string): Fix {
  const addOn = ADD_ON.exec(managedBy)?.groups?.['name'];
  const name = objectName(facts.workload);
  if (addOn === undefined) {
    return {
      text: `${name} is managed (${managedBy}): ask whoever manages it for the change, or accept it with an exemption.`,
      command: null,
      risk: 'Changes of the object are undone by whoever manages it.',
    };
  }
  return {
    text: `AWS makes ${name} (${managedBy}). Where EKS lists the add-on: a newer version or configuration values by aws eks update-addon --addon-name ${addOn}; otherwise update what it was installed from.`,
    command: showAddOn(facts.cluster, addOn),
    risk: 'An update replaces its pods, and configuration values that are given replace all others.',
  };
}
