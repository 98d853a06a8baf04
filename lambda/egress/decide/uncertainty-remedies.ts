import type { Uncertainty } from './ties.ts';

/**
 * What to do about an uncertainty of a policy. They end with what is wrong, or with what was not read; the two
 * have different remedies, and only the author of the policy can correct the first.
 */
const REMEDIES: readonly (readonly [about: RegExp, remedy: string])[] = [
  [
    /labels of (?:its|the) namespace(?: were)? not read$|depends on labels that were not read$/,
    'Grant list on namespaces, or include the Namespace objects, and audit again.',
  ],
  [
    /by ServiceAccount objects, which were not all read$/,
    'Grant list on serviceaccounts, or include the ServiceAccount objects, and audit again.',
  ],
  [
    /policy\.cluster[^;]*, which was not read$/,
    'The name of the cluster mesh is not read: see cluster-name in cilium-config.',
  ],
  [
    /, a (?:tier|CiliumCIDRGroup) that was not read$/,
    'Correct the name if there is no such object; else include it, or grant list on its kind, and audit again.',
  ],
  [
    /whose (?:endpoints|members) were not read$|lead out of the cluster was not read$/,
    'What this peer selects is not read: list the addresses outside the cluster as CIDR blocks.',
  ],
  [
    /, of which only one can be true$/,
    'Remove the files that do not belong to this audit: each object exists once in a cluster.',
  ],
  [
    /combine too many blocks and ports$|have too many rules to read all of them$/,
    'Use fewer rules, or combine addresses with the same action and ports in one rule.',
  ],
  [/whose number was not read$/, 'Write the port as a number.'],
  [
    /is a kind that this version does not read$/,
    'Use a newer version of eks-drift-audit, or check this policy by the documentation of its API.',
  ],
];

const NOT_UNDERSTOOD = 'Correct the policy: the API server rejects such an object or ignores the field.';

/** @param uncertainty of a policy, without its name */
export const remedyOf = (uncertainty: string): string =>
  REMEDIES.find(([about]) => about.test(uncertainty))?.[1] ?? NOT_UNDERSTOOD;

/** @param policy its name */
export const uncertaintyOf = (policy: string, uncertainty: string): Uncertainty => ({
  what: `${policy}: ${uncertainty}`,
  remedy: remedyOf(uncertainty),
});
