import fc from 'fast-check';
import { type Path, pathsOf, valueAt } from '../kinds/damage.ts';

/** What Go's decoder tells apart; a number in a text and a number are one here, since some fields take both. */
const shapeOf = (value: unknown): string =>
  Array.isArray(value)
    ? 'list'
    : typeof value === 'string' || typeof value === 'number'
      ? 'scalar'
      : typeof value;

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '*',
    '0.0.0.0/0',
    'Allow',
    'all()',
    '\u0000',
    '\u202e',
    '{{7*7}}',
  ),
  fc.constant('a'.repeat(20_000)),
);

const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.boolean(),
  text,
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-1, 0, 443, 1e300)),
  fc.array(fc.oneof(text, fc.constantFrom<unknown>(null, 0, true, {}, [])), { maxLength: 3 }),
  fc.dictionary(text, fc.oneof(text, fc.constantFrom<unknown>(null, 0, true, {}, [])), {
    minKeys: 1,
    maxKeys: 3,
  }),
);

/** A value that no field takes which takes this one. Null is none: it is the same as no field. */
const ofAnotherShape = (value: unknown): fc.Arbitrary<unknown> =>
  anything.filter((other) => shapeOf(other) !== shapeOf(value));

/** Texts that are nearly CIDR blocks, and for nobody are any. */
const NEARLY_BLOCKS: readonly string[] = [
  '',
  '10.0.0.0/8 ',
  ' 10.0.0.0/8',
  '10.0.0.0/8\n',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0//8',
  '10.0.0.0/8/8',
  '10.0.0/8',
  '0x0a.0.0.0/8',
  '\uff11\uff10.0.0.0/8',
  '10.0.0.0\u0000/8',
  'fe80::1%eth0/64',
  '::/129',
  '1:2:3/48',
  '0.0.0.0/0,::/0',
];

/** Values that are nearly ports, and for nobody are any. */
const NEARLY_PORTS: readonly unknown[] = [
  -1,
  65536,
  1.5,
  1e300,
  '65536',
  '80 ',
  '80\n',
  '80:',
  '\uff18\uff10',
  '1:2:3',
];

const isBlock = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f.:]+\/\d+$/.test(value);
/** Where a number, or a text of digits, is a port. */
const PORTS = /^(port|endPort|number|start|end)$/;
const LISTS = /^(ports|notPorts)$/;

function isPort(path: Path, value: unknown): boolean {
  const isNumber =
    typeof value === 'number' ? value > 0 : typeof value === 'string' && /^\d+(:\d+)?$/.test(value);
  const [last, before] = path.toReversed();
  return isNumber && (PORTS.test(String(last)) || (typeof last === 'number' && LISTS.test(String(before))));
}

/** What nobody takes at this place instead of the value. */
export function nonsenseFor(path: Path, value: unknown): fc.Arbitrary<unknown> {
  if (isBlock(value)) return fc.oneof(fc.constantFrom(...NEARLY_BLOCKS), ofAnotherShape(value));
  if (isPort(path, value)) return fc.oneof(fc.constantFrom(...NEARLY_PORTS), ofAnotherShape(value));
  return ofAnotherShape(value);
}

/** A place in an object, of which no part is said to be about traffic that comes in. */
export const placeIn = (value: unknown): fc.Arbitrary<Path> => {
  const paths = pathsOf(value).filter(
    (path) => path.length > 0 && !path.includes('ingress') && !isUnsetAt(value, path),
  );
  // Blocks and ports are where harm is done, so half of the choices are theirs.
  const sharp = paths.filter((path) => isBlock(valueAt(value, path)) || isPort(path, valueAt(value, path)));
  return sharp.length === 0
    ? fc.constantFrom(...paths)
    : fc.oneof(fc.constantFrom(...paths), fc.constantFrom(...sharp));
};

const isUnsetAt = (value: unknown, path: Path): boolean => {
  const found = valueAt(value, path);
  return found === null || found === undefined;
};
