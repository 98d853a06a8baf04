/** Where parsing leaves what it noticed about one policy. */
export interface Refusals {
  /** What Calico's validation refuses. */
  readonly refuse: (doubt: string) => void;
}

export interface CalicoRemarks extends Refusals {
  /** For people: the policy. */
  readonly name: string;
  /** What is valid but cannot be known from what was read. */
  readonly wonder: (doubt: string) => void;
  readonly note: (note: string) => void;
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
  /**
   * Whether anything was refused. Felix treats a policy that fails validation as missing
   * (felix/calc/validation_filter.go), and reads differ in what they make of the broken part, so then
   * it cannot be known that the policy applies at all.
   */
  readonly refused: () => boolean;
}

export function createRemarks(name: string): CalicoRemarks {
  const doubts: string[] = [];
  const notes = new Set<string>();
  let refused = false;
  const wonder = (doubt: string): void => {
    if (!doubts.includes(doubt)) doubts.push(doubt);
  };
  return {
    name,
    wonder,
    refuse(doubt) {
      refused = true;
      wonder(doubt);
    },
    note: (note) => notes.add(note),
    get doubts() {
      return doubts;
    },
    get notes() {
      return [...notes];
    },
    refused: () => refused,
  };
}
