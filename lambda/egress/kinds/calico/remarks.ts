/** Where parsing leaves what it noticed about one policy. */
export interface Refusals {
  /** What Calico's validation refuses. */
  readonly refuse: (uncertainty: string) => void;
}

export interface CalicoRemarks extends Refusals {
  /** For people: the policy. */
  readonly name: string;
  /** What is valid but cannot be known from what was read. */
  readonly wonder: (uncertainty: string) => void;
  readonly note: (note: string) => void;
  readonly uncertainties: readonly string[];
  readonly notes: readonly string[];
  /**
   * Whether anything was refused. Felix treats a policy that fails validation as missing
   * (felix/calc/validation_filter.go), and reads differ in what they make of the broken part, so then
   * it cannot be known that the policy applies at all.
   */
  readonly refused: () => boolean;
}

export function createRemarks(name: string): CalicoRemarks {
  const uncertainties: string[] = [];
  const notes: string[] = [];
  let refused = false;
  const wonder = onceEach(uncertainties);
  return {
    name,
    wonder,
    refuse(uncertainty) {
      refused = true;
      wonder(uncertainty);
    },
    note: onceEach(notes),
    uncertainties,
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
