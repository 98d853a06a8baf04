/** Defaults that more than the schema knows. */

export const PRESETS = ['baseline', 'strict'] as const;
export type Preset = (typeof PRESETS)[number];

/** The role that the member stack creates. */
export const MEMBER_ROLE = 'EksDriftAuditorMember';

/** Of the stack, when the section `deployment` does not name it. */
export const STACK_NAME = 'EksDriftAuditor';
