import type { Uncertainty } from './ties.ts';

/**
 * What to do about an uncertainty of a policy. They end with what is wrong, or with what was not read; the two
 * call for different things, and only the first is the author's of the policy to mend.
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
    'What this peer stands for is not read: name the addresses outside the cluster as blocks (CIDR).',
  ],
  [
    /, of which only one can be true$/,
    'Leave out the files that do not belong to what is audited: each object is once in a cluster.',
  ],
  [
    /combine too many blocks and ports$|have too many rules to read all of them$/,
    'Use fewer rules, or put the addresses that have one answer into one rule.',
  ],
  [/whose number was not read$/, 'Write the port as a number.'],
  [
    /is a kind that this version does not read$/,
    'Look for a newer version of this program, or judge this policy by its own documentation.',
  ],
];

const NOT_UNDERSTOOD =
  'Correct the policy, or find out what its network plugin makes of it; the API server refuses such an object or ignores the field.';

/** @param uncertainty of a policy, without its name */
export const remedyOf = (uncertainty: string): string =>
  REMEDIES.find(([about]) => about.test(uncertainty))?.[1] ?? NOT_UNDERSTOOD;

/** @param policy its name */
export const uncertaintyOf = (policy: string, uncertainty: string): Uncertainty => ({
  what: `${policy}: ${uncertainty}`,
  remedy: remedyOf(uncertainty),
});
