import { cpus, loadavg, totalmem } from 'node:os';
import type { Measurement } from './measure.ts';

export { markdownTable } from '../../scripts/markdown-table.ts';

/** What a case of the benchmark has measured. */
export interface CaseResult {
  readonly measurements: readonly Measurement[];
  /** Lines of Markdown: a table, and what it says of the targets. */
  readonly table: readonly string[];
}

export const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

export const seconds = (ms: number): string => (ms / 1000).toFixed(2);
export const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(0);

/** A target of the project, and what was measured. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly most: number;
  readonly unit?: string;
}

export function targetLine({ what, measured, most, unit = '' }: Target): string {
  const met = measured <= most;
  const digits = most >= 100 ? 0 : 2;
  const verdict = met ? 'met' : `**missed** by ${((measured / most - 1) * 100).toFixed(0)} %`;
  return `- ${what}: ${measured.toFixed(digits)}${unit}, target ≤ ${most}${unit}: ${verdict}`;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  /** Over the last minute, before the case began. */
  readonly load: number;
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown processor',
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
  load: loadavg()[0] ?? 0,
});

/** Where and how something was measured. */
export const measuredOn = ({ cpu, cores, memoryBytes, node, load }: Machine, date: Date): string =>
  `${cores} × ${cpu}, ${Math.round(memoryBytes / GIB)} GiB, Node.js ${node}, load ${load.toFixed(1)} before, ${date.toISOString().slice(0, 10)}`;

/**
 * Replaces what stands in a document between `<!-- bench: COMMAND -->` and `<!-- end -->`.
 * @throws Error when there is no such place
 */
export function intoDocument(document: string, command: string, lines: readonly string[]): string {
  const start = `<!-- bench: ${command} -->\n`;
  const from = document.indexOf(start);
  const to = document.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`the document has no place marked "${start.trim()}"`);
  return `${document.slice(0, from + start.length)}\n${lines.join('\n')}\n\n${document.slice(to)}`;
}
