/** As AWS limits requests: a bucket of tokens, refilled at a constant rate. */
export interface TokenBucket {
  /** Takes a token at this time (seconds, never going back), unless there is none. */
  take(at: number): boolean;
}

export function tokenBucket({ burst, rate }: { readonly burst: number; readonly rate: number }): TokenBucket {
  let tokens = burst;
  let last = 0;
  return {
    take(at) {
      tokens = Math.min(burst, tokens + (at - last) * rate);
      last = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
