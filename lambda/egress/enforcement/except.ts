import type { PolicyObject } from '../../inventory/policy-object.ts';
import { type Applied, type Policy, TIERS } from '../policies/policy.ts';
import { field, isFields } from '../policies/shape.ts';
import { type AddressSet, fromSpans, isNothing, NOTHING, subtract, union } from '../sets/address-set.ts';
import { type AddressSpan, parseCidr } from '../sets/addresses.ts';

interface Except {
  readonly span: AddressSpan;
  /** The block that it is left out of. */
  readonly of: AddressSpan;
}

interface Blocks {
  readonly cidrs: readonly AddressSpan[];
  readonly excepts: readonly Except[];
}

export interface ExceptDenials {
  readonly denied: AddressSet;
  /** Where the published agent may hand a block the ports of rules that except it. */
  readonly uncertain: AddressSet;
}

/**
 * What the VPC CNI denies because some rule excepts it. Its agent puts all blocks of a pod's policies
 * into one map by longest prefix; a block under `except` that no rule names gets an entry that
 * denies, and blocks that rules name inside it keep their own. Where a named block lies between an
 * exception that is named too and the block that it is left out of, the ports of the outer one reach
 * it by inheritance, more than the rules say.
 * Source: aws-network-policy-agent v1.4.1, pkg/fwruleprocessor/fw_rule_processor.go,
 * ComputeMapEntriesFromEndpointRules.
 *
 * @param objects all NetworkPolicies that select the pod
 */
export function exceptDenials(objects: readonly PolicyObject[]): ExceptDenials {
  const blocks = objects.map(blocksOf);
  const cidrs = blocks.flatMap((of) => of.cidrs);
  const excepts = blocks.flatMap((of) => of.excepts);
  if (excepts.length === 0) return { denied: NOTHING, uncertain: NOTHING };
  return { denied: deniedBy(excepts, cidrs), uncertain: fromSpans(inherited(excepts, cidrs)) };
}

/** Of blocks one is inside the other or they are apart, so that at each address the smallest decides. */
function deniedBy(excepts: readonly Except[], cidrs: readonly AddressSpan[]): AddressSet {
  const excepted = Map.groupBy(
    excepts.map(({ span }) => span),
    sizeOf,
  );
  const named = Map.groupBy(cidrs, sizeOf);
  const sizes = [...new Set([...excepted.keys(), ...named.keys()])];
  return sizes
    .sort((a, b) => (a > b ? -1 : a < b ? 1 : 0))
    .reduce(
      (denied, size) =>
        subtract(union(denied, fromSpans(excepted.get(size) ?? [])), fromSpans(named.get(size) ?? [])),
      NOTHING,
    );
}

/** Named blocks in an exception that lies in a named block smaller than the one it is left out of. */
function inherited(excepts: readonly Except[], cidrs: readonly AddressSpan[]): readonly AddressSpan[] {
  const named = blockIndex(cidrs);
  const between = excepts.filter(
    ({ span, of }) =>
      contains(of, span) && named.around(span, (size) => size > sizeOf(span) && size < sizeOf(of)),
  );
  const holding = blockIndex(between.map(({ span }) => span));
  return cidrs.filter((cidr) => holding.around(cidr, (size) => size >= sizeOf(cidr)));
}

interface BlockIndex {
  /** Whether there is a block of such a size around the span, or just it. */
  around(span: AddressSpan, isWanted: (size: Size) => boolean): boolean;
}

/** There are as few sizes as there are lengths of a prefix, however many blocks. */
function blockIndex(blocks: readonly AddressSpan[]): BlockIndex {
  const byFamily = { 4: indexOf(4, blocks), 6: indexOf(6, blocks) };
  return {
    around: (span, isWanted) => {
      const { sizes, keys } = byFamily[span.family];
      return sizes.some((size) => isWanted(size) && keys.has(blockAround(span, size)));
    },
  };
}

function indexOf(family: 4 | 6, all: readonly AddressSpan[]) {
  const blocks = all.filter((block) => block.family === family);
  return {
    sizes: [...new Set(blocks.map(sizeOf))],
    keys: new Set(blocks.map((block) => blockAround(block, sizeOf(block)))),
  };
}

/** How many addresses a block has: a number in IPv4, a bigint in IPv6. */
type Size = number | bigint;

const sizeOf = (span: AddressSpan): Size => (span.family === 4 ? span.end - span.from : span.end - span.from);

/** Where the block of that size around the span begins, and its size. */
function blockAround({ from }: AddressSpan, size: Size): string {
  const start = typeof from === 'number' ? from - (from % Number(size)) : from - (from % BigInt(size));
  return `${start}/${size}`;
}

/** As a policy that denies before all others of its tier; none if nothing is excepted. */
export function asDenial({ denied }: ExceptDenials): readonly Applied[] {
  if (isNothing(denied)) return [];
  const source = 'except blocks, as the VPC CNI enforces them';
  const policy: Policy = {
    name: source,
    scope: {
      namespaces: { named: '' },
      pods: { everything: true, keys: [], anchors: [], matches: () => true },
    },
    tier: TIERS.networkPolicy,
    order: Number.NEGATIVE_INFINITY,
    defaultAction: 'deny',
    rules: [{ source, action: 'deny', covers: denied, potentialCover: denied, hosts: [] }],
    uncertainties: [],
    notes: [],
  };
  return [{ policy, definite: true }];
}

function blocksOf({ spec }: PolicyObject): Blocks {
  const cidrs: AddressSpan[] = [];
  const excepts: Except[] = [];
  for (const rule of listOf(spec, 'egress')) {
    for (const peer of listOf(rule, 'to')) {
      const block = isFields(peer) ? field(peer, 'ipBlock') : undefined;
      const of = isFields(block) ? spanOf(field(block, 'cidr')) : null;
      if (of === null) continue;
      cidrs.push(of);
      for (const entry of listOf(block, 'except')) {
        const span = spanOf(entry);
        if (span !== null) excepts.push({ span, of });
      }
    }
  }
  return { cidrs, excepts };
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = isFields(value) ? field(value, name) : undefined;
  return Array.isArray(list) ? list : [];
}

const spanOf = (value: unknown): AddressSpan | null => (typeof value === 'string' ? parseCidr(value) : null);

const contains = (outer: AddressSpan, inner: AddressSpan): boolean =>
  outer.family === inner.family && outer.from <= inner.from && inner.end <= outer.end;
