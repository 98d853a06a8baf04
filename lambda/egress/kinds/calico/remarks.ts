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
  const notes: string[] = [];
  let refused = false;
  const wonder = onceEach(doubts);
  return {
    name,
    wonder,
    refuse(doubt) {
      refused = true;
      wonder(doubt);
    },
    note: onceEach(notes),
    doubts,
    notes,
    refused: () => refused,
  };
}

/** Adds to a list what it does not hold yet. */
function onceEach(list: string[]): (item: string) => void {
  const known = new Set<string>();
  return (item) => {
    if (known.has(item)) return;
    known.add(item);
    list.push(item);
  };
}
