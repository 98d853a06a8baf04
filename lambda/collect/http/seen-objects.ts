/** Remembers what objects of a list are known by. */
export interface SeenObjects {
  /** @returns whether it was there already */
  has(identity: string): boolean;
}

const FEWEST = 1 << 8;
/** Two multipliers of FNV's kind (odd, sparse): each part of the hash goes its own way. */
const PRIMES = [0x01000193, 0x85ebca6b] as const;

/**
 * Keeps 64 bits of each instead of its text: 8 to 16 bytes an object instead of a hundred, for lists of a million.
 * Two different ones of a million meet with a probability of 3 in 100 million; the list then counts as incomplete.
 */
export function createSeenObjects(): SeenObjects {
  let table = new Int32Array(2 * FEWEST);
  let count = 0;

  function put(slots: Int32Array, low: number, high: number): boolean {
    const last = slots.length / 2 - 1;
    for (let at = low & last; ; at = (at + 1) & last) {
      const foundLow = slots[2 * at];
      const foundHigh = slots[2 * at + 1];
      if (foundLow === low && foundHigh === high) return true;
      if (foundLow !== 0 || foundHigh !== 0) continue;
      slots[2 * at] = low;
      slots[2 * at + 1] = high;
      return false;
    }
  }

  function grow(): void {
    const before = table;
    table = new Int32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) {
      const low = before[at] as number;
      const high = before[at + 1] as number;
      if (low !== 0 || high !== 0) put(table, low, high);
    }
  }

  return {
    has(identity) {
      let low = 0x811c9dc5 | 0;
      let high = 0x9e3779b9 | 0;
      for (let index = 0; index < identity.length; index++) {
        const code = identity.charCodeAt(index);
        low = Math.imul(low ^ code, PRIMES[0]);
        high = Math.imul(high ^ code, PRIMES[1]);
        high ^= high >>> 15;
      }
      // Zero stands for a free slot.
      const known = put(table, low | 0, high === 0 ? 1 : high | 0);
      if (!known && ++count * 4 > table.length) grow();
      return known;
    },
  };
}
