import type { NodeFacts } from '../inventory/fold.ts';
import type { Unmeasured } from '../inventory/layers.ts';

/**
 * Why nodes of a kind cannot be measured at all; `null`: they can.
 *
 * The kubelet of Fargate accepts no connection (https://github.com/aws/containers-roadmap/issues/1798); that of Windows
 * gives no inodes, without which a size of zero cannot be told from an unknown one.
 */
export function platformGap({ os, compute }: NodeFacts): Unmeasured | null {
  if (compute === 'fargate') return FARGATE;
  return os === 'windows' ? WINDOWS : null;
}

const FARGATE: Unmeasured = {
  reason: 'platform',
  message: 'It runs on Fargate, whose kubelet answers no one.',
  remedy: 'Restart Fargate pods often and use a read-only root filesystem; their layers cannot be measured.',
};

const WINDOWS: Unmeasured = {
  reason: 'platform',
  message:
    'It runs on Windows, whose kubelet does not count files, so that an unknown size looks like an empty layer.',
  remedy: 'Restart Windows pods often; their layers cannot be measured.',
};
