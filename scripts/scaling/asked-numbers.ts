import { InvalidArgumentError } from 'commander';
import { ASSUMPTIONS, type Numbers } from './assumptions.ts';

/** @throws InvalidArgumentError for anything but a whole number above 0 */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

/** Of which there may be none; by most others the model divides. */
const MAY_BE_ZERO =
  /^(?:price\w+|freeHubFindings|findings|changed|runs|unreachable|endpoints|fleetEndpoints|zones|queriesOfDay)$/;

const isName = (name: string): name is keyof Numbers => Object.hasOwn(ASSUMPTIONS, name);

/**
 * One number of the model as it was asked for, such as `priceScan=0.006`.
 * @throws InvalidArgumentError for a name that the model does not have, or a value that its place cannot have
 */
export function assumed(text: string): Partial<Numbers> {
  const [, name = '', number = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!isName(name)) {
    throw new InvalidArgumentError('Give NAME=NUMBER; the first table of npm run scale has all names.');
  }
  const value = Number(number);
  const least = MAY_BE_ZERO.test(name) ? 'from 0 on' : 'above 0';
  if (number.trim() === '' || !Number.isFinite(value) || value < 0 || (value === 0 && least === 'above 0')) {
    throw new InvalidArgumentError(`Give a number for ${name}, ${least}.`);
  }
  return { [name]: value };
}
