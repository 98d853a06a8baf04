import type { KubernetesObject } from '../environment/api-client.ts';

/** An object to apply, and what a controller or kubelet then makes of it. */
export interface Seeded {
  readonly object: KubernetesObject;
  readonly status?: object;
  /** Strategic merge patches of subresources, by name. */
  readonly subresources?: Readonly<Record<string, object>>;
  /** Asks for its deletion, which a finalizer holds up. */
  readonly terminating?: boolean;
  /** Objects owned by this one, as its controller makes them. */
  readonly owns?: readonly Seeded[];
}
