import type { Measurement } from './measure.ts';
import { MIB, markdownTable, mebibytes, seconds } from './result.ts';

const HEADER = ['case', 'wall s', 'CPU s', 'µs CPU/pod', 'pods/s', 'peak MiB', 'body MiB', '÷ JSON.parse'];

/** The measurements of one run, with the ratio of each CPU time to that of JSON.parse. */
export function tableOf(measurements: readonly Measurement[]): readonly string[] {
  const floor = measurements.find(({ name }) => name === 'JSON.parse alone')?.cpuMs;
  return markdownTable(
    HEADER,
    measurements.map((measurement) => rowOf(measurement, floor)),
  );
}

function rowOf(
  { name, pods, wallMs, cpuMs, peakRss, bytes }: Measurement,
  floor: number | undefined,
): readonly string[] {
  return [
    name,
    seconds(wallMs),
    seconds(cpuMs),
    ((cpuMs * 1000) / pods).toFixed(1),
    String(Math.round((pods * 1000) / wallMs)),
    mebibytes(peakRss),
    bytes === 0 ? '' : (bytes / MIB).toFixed(1),
    floor === undefined ? '' : (cpuMs / floor).toFixed(2),
  ];
}

/** The numbers of each case itself. */
export function detailLines(measurements: readonly Measurement[]): readonly string[] {
  return measurements.flatMap(({ name, details }) => {
    const entries = Object.entries(details).map(([key, value]) => `${key} ${Math.round(value)}`);
    return entries.length === 0 ? [] : [`- ${name}: ${entries.join(', ')}`];
  });
}
