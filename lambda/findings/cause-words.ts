import type { CauseKind } from './cause.ts';

/** What is wrong with the object of a cause, in a few words for people; data keeps the code. */
export const CAUSE_WORDS: Readonly<Record<CauseKind, string>> = {
  'host-network': 'uses the network of its node',
  'policy-not-enforced': 'policies are not enforced',
  'rule-too-wide': 'egress rules allow too much',
  'no-egress-policy': 'no egress policy',
  'mesh-open': 'the mesh lets traffic out',
  'writable-root': 'writable root filesystem',
  'node-path': 'writes to its node',
  'not-restarted': 'not restarted',
  'image-behind': 'image out of date',
  drifted: 'changed while running',
  'debug-left': 'debug container attached',
  'unbounded-volume': 'volume without a limit',
  unknown: 'see the finding',
};
