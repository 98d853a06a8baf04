import type { Compute } from './node-network.ts';
import type { OperatingSystem } from './pod.ts';

/** What it takes to ask the kubelet of a node. */
export interface MeasurableNode {
  readonly name: string;
  readonly os: OperatingSystem | null;
  readonly compute: Compute;
  /** Whether its kubelet reports to the API server; `null`: it does not say. */
  readonly ready: boolean | null;
  /** Its first address of the type InternalIP. */
  readonly address: string | null;
  /** Of the kubelet. */
  readonly port: number | null;
}
