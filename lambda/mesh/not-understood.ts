import type { Unread } from '../inventory/engine-settings.ts';

const LONGEST = 120;

/** An object of the mesh that this program does not understand. Its text is hostile, so it is cut short. */
export const notUnderstood = (
  title: string,
  { path, message }: { readonly path: string; readonly message: string },
): { readonly unread: Unread } => ({
  unread: {
    reason: 'policy-not-understood',
    message: `${title} is not understood: ${path.slice(0, LONGEST)} (${message.slice(0, LONGEST)}).`,
    remedy: "Compare it with Istio's reference; if it is right, report this as a defect.",
  },
});
