import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exceptDenials } from '../../../lambda/egress/enforcement/except.ts';
import {
  type AddressSet,
  fromSpans,
  NOTHING,
  subtract,
  union,
} from '../../../lambda/egress/sets/address-set.ts';
import { type AddressSpan, parseCidr } from '../../../lambda/egress/sets/addresses.ts';
import { withinWork } from '../../../lambda/work.ts';
import { runs } from '../../support/runs.ts';
import { egressOf } from '../support/build.ts';

interface Block {
  readonly cidr: string;
  readonly except?: readonly string[];
}

const policyOf = (blocks: readonly Block[]) => egressOf({ to: blocks.map((ipBlock) => ({ ipBlock })) });

const cidr = fc.oneof(
  fc.tuple(fc.nat(15), fc.integer({ min: 27, max: 32 })).map(([low, bits]) => `10.0.0.${low}/${bits}`),
  fc.tuple(fc.nat(15), fc.integer({ min: 123, max: 128 })).map(([low, bits]) => `fd00::${low}/${bits}`),
);
const blocks = fc.array(fc.record({ cidr, except: fc.array(cidr, { maxLength: 3 }) }), { maxLength: 6 });

/** As the agent's rules are stated: each exception for itself, against every block that is named. */
function oneByOne(all: readonly Block[]): { readonly denied: AddressSet; readonly uncertain: AddressSet } {
  const spans = (texts: readonly string[]) => texts.map(parseCidr).filter((span) => span !== null);
  const cidrs = spans(all.map((block) => block.cidr));
  const contains = (outer: AddressSpan, inner: AddressSpan) =>
    outer.family === inner.family && outer.from <= inner.from && inner.end <= outer.end;
  const inside = (inner: AddressSpan, outer: AddressSpan) =>
    contains(outer, inner) && !contains(inner, outer);
  let [denied, uncertain] = [NOTHING, NOTHING];
  for (const { cidr: outer, except = [] } of all) {
    const [of] = spans([outer]);
    for (const span of spans(except)) {
      const inner = cidrs.filter((one) => contains(span, one));
      denied = union(denied, subtract(fromSpans([span]), fromSpans(inner)));
      const between = cidrs.some((one) => of !== undefined && inside(span, one) && inside(one, of));
      if (between) uncertain = union(uncertain, fromSpans(inner));
    }
  }
  return { denied, uncertain };
}

describe('what the VPC CNI denies because it is excepted', () => {
  test('what the VPC CNI denies by except is the same as when each except is compared with every block', () => {
    fc.assert(
      fc.property(blocks, (all) => {
        expect(exceptDenials([policyOf(all)])).toEqual(oneByOne(all));
      }),
      { numRuns: runs(1000) },
    );
  });

  test('the work for excepts is proportional to the blocks', () => {
    const count = 4000;
    const all = Array.from({ length: count }, (_, i) => ({
      cidr: '0.0.0.0/0',
      except: [`10.${(i >> 8) % 256}.${i % 256}.1/32`],
    }));
    const inTime = withinWork(
      20 * count,
      () => exceptDenials([policyOf(all)]).denied.v4.starts.length,
      () => -1,
    );
    expect(inTime).toBe(2 * count + 1);
  });
});
