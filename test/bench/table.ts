import type { Measurement } from './measure.ts';

const MIB = 1024 * 1024;

/** The measurements of one run as aligned text, with the ratio of each CPU time to that of JSON.parse. */
export function table(measurements: readonly Measurement[]): string {
  const floor = measurements.find(({ name }) => name === 'JSON.parse alone')?.cpuMs;
  const rows = measurements.map((measurement) => rowOf(measurement, floor));
  const header = ['case', 'wall s', 'CPU s', 'µs CPU/pod', 'pods/s', 'peak MiB', 'body MiB', '÷ JSON.parse'];
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  return [...text, ...measurements.flatMap(detailsOf)].join('\n');
}

function rowOf(
  { name, pods, wallMs, cpuMs, peakRss, bytes }: Measurement,
  floor: number | undefined,
): string[] {
  return [
    name,
    (wallMs / 1000).toFixed(2),
    (cpuMs / 1000).toFixed(2),
    ((cpuMs * 1000) / pods).toFixed(1),
    String(Math.round((pods * 1000) / wallMs)),
    (peakRss / MIB).toFixed(0),
    bytes === 0 ? '' : (bytes / MIB).toFixed(1),
    floor === undefined ? '' : (cpuMs / floor).toFixed(2),
  ];
}

function detailsOf({ name, details }: Measurement): string[] {
  const entries = Object.entries(details).map(([key, value]) => `${key} ${Math.round(value)}`);
  return entries.length === 0 ? [] : [`  ${name}: ${entries.join(', ')}`];
}
