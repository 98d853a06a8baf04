/**
 * Options of Node.js for a function of `memory` MiB: how much room it takes before it cleans up.
 *
 * Lambda would give 5 % of the memory to each half of the new space and 90 % to the old one, unless these are
 * named here (https://dev.to/wonderfulsoap/deep-dive-into-aws-lambda-3-official-nodejs-runtime-analysis-43je,
 * its bootstrap). An audit keeps little of much that it reads, so that a small new space costs no time and
 * saves 150 MiB at 100,000 pods; beside the heap there are pages, compressed rows and code. More than one
 * thread beside the main one only wait for each other: a function below 1769 MiB has one processor.
 */
export const heapOptions = (memory: number): readonly string[] => [
  '--max-semi-space-size=8',
  `--max-old-space-size=${Math.floor(memory * HEAP_SHARE)}`,
  '--v8-pool-size=1',
];

const HEAP_SHARE = 0.75;
