import { InvalidArgumentError } from 'commander';
import { ASSUMPTIONS, type Numbers } from './assumptions.ts';

/** @throws InvalidArgumentError for anything but a whole number above 0 */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

const isName = (name: string): name is keyof Numbers => Object.hasOwn(ASSUMPTIONS, name);

/**
 * One number of the model as it was asked for, such as `priceScan=0.006`.
 * @throws InvalidArgumentError for a name that the model does not have, or a value that is no number from 0 on
 */
export function assumed(text: string): Partial<Numbers> {
  const [, name = '', number = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!isName(name)) {
    throw new InvalidArgumentError('Give NAME=NUMBER; the first table of npm run scale has all names.');
  }
  const value = Number(number);
  if (number.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError(`Give a number for ${name}, from 0 on.`);
  }
  return { [name]: value };
}
