import type { Finding } from '../findings/finding.ts';
import { isObjectName } from './shell.ts';

/** Of the commands of checks: words in capitals that stand for a name. */
const PLACE = /(?<![=\w-])(?:NAMESPACE|WORKLOAD|NAME|POD|CONTAINER|HOST)(?![:\w])/g;

/**
 * The command by which a check can be verified, with the names of a finding.
 *
 * @param verify of the check, with words such as `NAMESPACE` in place of names
 * @returns `null` for manifests, of which nothing runs yet, and where a name is one that no object can have
 */
export function verifyCommand(
  { workload, container, pods, origin }: Pick<Finding, 'workload' | 'container' | 'pods' | 'origin'>,
  verify: string,
): string | null {
  const [pod] = pods.examples;
  const names = new Map([
    ['NAMESPACE', workload.namespace],
    ['WORKLOAD', workload.name],
    ['NAME', workload.name],
    ['POD', pod],
    ['CONTAINER', container ?? undefined],
  ]);
  if (origin != null) return null;
  const words = [...verify.matchAll(PLACE)].map(([word]) => names.get(word));
  if (words.some((word) => word === undefined || !isObjectName(word))) return null;
  return verify.replaceAll(PLACE, (word) => names.get(word) ?? word);
}
