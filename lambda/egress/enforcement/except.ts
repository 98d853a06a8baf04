import type { PolicyObject } from '../../inventory/model.ts';
import { type AddressSet, fromSpans, isNothing, NOTHING, subtract, union } from '../address-set.ts';
import { type AddressSpan, parseCidr } from '../addresses.ts';
import type { Applied, Policy } from '../policy.ts';
import { TIERS } from '../policy.ts';
import { field, isFields } from '../shape.ts';

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
  let denied = NOTHING;
  let uncertain = NOTHING;
  for (const { span, of } of blocks.flatMap(({ excepts }) => excepts)) {
    const inner = cidrs.filter((cidr) => contains(span, cidr));
    denied = union(denied, subtract(fromSpans([span]), fromSpans(inner)));
    const between = cidrs.some((cidr) => inside(span, cidr) && inside(cidr, of));
    if (between && inner.length > 0) uncertain = union(uncertain, fromSpans(inner));
  }
  return { denied, uncertain };
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
    otherwise: 'deny',
    rules: [{ source, action: 'deny', covers: denied, mayCover: denied, hosts: [] }],
    doubts: [],
    notes: [],
  };
  return [{ policy, surely: true }];
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

const inside = (inner: AddressSpan, outer: AddressSpan): boolean =>
  contains(outer, inner) && !contains(inner, outer);
