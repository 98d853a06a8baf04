import { afterEach } from '@jest/globals';

/** Takes what a test has opened, as functions that close it; they are called after the test, the last one first. */
export function closedAfterEach(): (() => unknown)[] {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return closers;
}

/** Takes likewise what can close itself, and gives it back. */
export function keptForOneTest(): <T extends { close(): unknown }>(opened: T) => T {
  const closers = closedAfterEach();
  return (opened) => {
    closers.push(() => opened.close());
    return opened;
  };
}
