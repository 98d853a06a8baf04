export interface TimeLimit {
  /** Fires when the time has passed or the given signal does, with its reason. */
  readonly signal: AbortSignal;
  readonly hasPassed: () => boolean;
  /** To be called when the work is done: neither a timer nor a listener outlives it, as with `AbortSignal.timeout`. */
  readonly end: () => void;
}

/**
 * Milliseconds from now on, or until a signal fires.
 *
 * @param reason Of the limit's own signal. @defaultValue that of the signal which fired, if one did
 */
export function timeLimit(ms: number, within: AbortSignal | undefined, reason?: unknown): TimeLimit {
  const controller = new AbortController();
  let passed = false;
  const timer = setTimeout(() => {
    passed = true;
    controller.abort(reason);
  }, ms);
  const stop = (): void => controller.abort(reason ?? within?.reason);
  within?.addEventListener('abort', stop);
  if (within?.aborted) stop();
  return {
    signal: controller.signal,
    hasPassed: () => passed,
    end() {
      clearTimeout(timer);
      within?.removeEventListener('abort', stop);
    },
  };
}
