import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StackEvent } from './stacks.ts';

/** Where the events of the last run of the tests are; git ignores it. */
const FOLDER = fileURLToPath(new URL('../out/', import.meta.url));

/** One operation on one stack. */
export interface LoggedOperation {
  readonly title: string;
  readonly events: readonly StackEvent[];
}

/** A line for each event: seconds since the operation began, status, type, and the logical id with the reason of a failure. */
const deploymentLog = (operations: readonly LoggedOperation[]): string =>
  `${operations.map(section).join('\n\n')}\n`;

function section({ title, events }: LoggedOperation): string {
  const [first] = events;
  const start = first === undefined ? 0 : Date.parse(first.Timestamp);
  const lines = events.map(
    ({ Timestamp, ResourceStatus, ResourceType, LogicalResourceId, ResourceStatusReason: reason }) =>
      [
        ((Date.parse(Timestamp) - start) / 1000).toFixed(1).padStart(6),
        ResourceStatus.padEnd(36),
        ResourceType.padEnd(40),
        LogicalResourceId,
        ...(reason === undefined ? [] : [`(${reason})`]),
      ].join(' '),
  );
  return [`== ${title}`, ...lines].join('\n');
}

/** Into `test/e2e/out/NAME.log`. */
export function writeDeploymentLog(name: string, operations: readonly LoggedOperation[]): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.log`), deploymentLog(operations));
}
