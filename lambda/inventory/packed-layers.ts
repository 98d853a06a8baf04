import {
  type ByteReader,
  type ByteWriter,
  readNumber,
  readSigned,
  readText,
  writeNumber,
  writeSigned,
  writeText,
} from './bytes.ts';
import {
  type LayerSizes,
  type LayersBuilder,
  type MeasuredContainer,
  newLayers,
  type Unmeasured,
} from './layers.ts';

/** Numbers of the reasons why layers are unknown, of which a cluster has a handful. */
export interface Reasons {
  numberOf(reason: Unmeasured): number;
  reasonOf(number: number): Unmeasured;
}

export function createReasons(): Reasons {
  const numbers = new Map<Unmeasured, number>();
  const reasons: Unmeasured[] = [];
  return {
    numberOf(reason) {
      const known = numbers.get(reason);
      if (known !== undefined) return known;
      numbers.set(reason, reasons.length);
      return reasons.push(reason) - 1;
    },
    reasonOf: (number) => reasons[number] as Unmeasured,
  };
}

export function writeLayers(to: ByteWriter, sizes: LayerSizes, reasons: Reasons): void {
  const { bytes, inodes, largest, fullest, unmeasured } = sizes;
  writeNumber(to, bytes.length);
  bytes.forEach((size, index) => {
    writeNumber(to, size);
    writeNumber(to, inodes[index] as number);
  });
  for (const examples of [largest, fullest]) writeExamples(to, examples);
  writeNumber(to, unmeasured.size);
  for (const [reason, count] of unmeasured) {
    writeNumber(to, reasons.numberOf(reason));
    writeNumber(to, count);
  }
}

export function readLayers(from: ByteReader, reasons: Reasons): LayersBuilder {
  const sizes = newLayers();
  for (let left = readNumber(from); left > 0; left--) {
    sizes.bytes.push(readNumber(from));
    sizes.inodes.push(readNumber(from));
  }
  for (const examples of [sizes.largest, sizes.fullest]) examples.push(...readExamples(from));
  for (let left = readNumber(from); left > 0; left--) {
    sizes.unmeasured.set(reasons.reasonOf(readNumber(from)), readNumber(from));
  }
  return sizes;
}

function writeExamples(to: ByteWriter, examples: readonly MeasuredContainer[]): void {
  writeNumber(to, examples.length);
  for (const { pod, bytes, inodes, sampledAt, startedAt } of examples) {
    writeText(to, pod);
    for (const value of [bytes, inodes, sampledAt]) writeNumber(to, value);
    writeSigned(to, startedAt);
  }
}

function readExamples(from: ByteReader): readonly MeasuredContainer[] {
  return Array.from({ length: readNumber(from) }, () => ({
    pod: readText(from),
    bytes: readNumber(from),
    inodes: readNumber(from),
    sampledAt: readNumber(from),
    startedAt: readSigned(from),
  }));
}
