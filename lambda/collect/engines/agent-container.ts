/**
 * What policy engines tell of themselves in the specs of their pods. Commands and environment are
 * read of these containers alone, and of them only what is named here; whether a pod really is an
 * agent is for the inventory to decide (`agentOf`).
 */
export interface AgentContainer {
  readonly name: string;
  readonly image: string | null;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Those that something reads (`isWantedVariable`); `null`: the value is kept elsewhere (`valueFrom`). */
  readonly env: ReadonlyMap<string, string | null>;
  /** Whether it takes further variables from elsewhere. */
  readonly envFrom: boolean;
}
