import type { z } from 'zod';
import type { Unread } from '../inventory/engine-settings.ts';
import { problemAt } from '../parsed-problem.ts';

const LONGEST = 120;

interface Misshapen {
  readonly path: string;
  readonly message: string;
}

/** An object of the mesh that this program does not understand. Its text is hostile, so it is cut short. */
export const notUnderstood = (title: string, { path, message }: Misshapen): { readonly unread: Unread } => ({
  unread: {
    reason: 'policy-not-understood',
    message: `${title} is not understood: ${path.slice(0, LONGEST)} (${message.slice(0, LONGEST)}).`,
    remedy: "Compare it with Istio's reference; if it is right, report this as a defect.",
  },
});

/** What is wrong first with the value of a field, and where. */
export function firstProblem({ issues: [issue] }: z.ZodError, value: unknown, field: string): Misshapen {
  if (issue === undefined) return { path: field, message: 'another shape' };
  const { path, problem } = problemAt(issue, value);
  return { path: [field, ...path.map(String)].join('.'), message: problem };
}
