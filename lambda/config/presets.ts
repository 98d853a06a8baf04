/** Defaults that more than the schema knows. */

export const PRESETS = ['baseline', 'strict'] as const;
export type Preset = (typeof PRESETS)[number];

/** The role that the member stack creates. */
export const MEMBER_ROLE = 'EksDriftAuditorMember';

/** The role whose tokens kubelets get: the hub makes it, and each member stack. */
export const MEASURE_ROLE = 'EksDriftAuditorMeasure';

/** Of the stack, when the section `deployment` does not name it. */
export const STACK_NAME = 'EksDriftAuditor';
