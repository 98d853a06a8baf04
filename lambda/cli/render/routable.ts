import type { Routable } from '../../egress/routing/routable.ts';
import { paragraphLines } from './columns.ts';
import { block, LABEL, reachBlock } from './egress-blocks.ts';
import type { Canvas } from './page.ts';
import { reachSummary } from './ranges.ts';

const MOST_REASONS = 3;

/** What the VPC lets through, and of what that is open. */
export function routableBlock(routable: Routable, canvas: Canvas): readonly string[] {
  const { undecided = [] } = 'external' in routable ? routable : {};
  const rest = undecided.length - MOST_REASONS;
  return [
    ...reachBlock(routable, canvas),
    ...undecided
      .slice(0, MOST_REASONS)
      .flatMap(({ external, because }) => [
        ...block(`not known: ${reachSummary({ external })}`, canvas),
        ...paragraphLines(because, { width: canvas.width - LABEL, indent: 2, paint: canvas.style.warn }),
      ]),
    ...(rest > 0 ? [canvas.style.dim(`and ${rest} more reasons: -o json`)] : []),
  ];
}
