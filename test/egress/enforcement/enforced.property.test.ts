import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultConfig } from '../../../lambda/config/load.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import { isNothing, sameSet, subtract } from '../../../lambda/egress/sets/address-set.ts';
import { fromExternalRanges } from '../../../lambda/egress/sets/printed.ts';
import type { ExternalRange } from '../../../lambda/egress/sets/reach.ts';
import type { PolicyEngineName } from '../../../lambda/inventory/policy-agent.ts';
import { aPolicy } from '../../support/builders.ts';
import { runs } from '../../support/runs.ts';
import { ipBlock } from '../support/arbitraries.ts';
import { SETTINGS } from './settings.ts';

const policies = fc
  .array(
    fc.array(fc.record({ to: fc.array(fc.record({ ipBlock }), { minLength: 1, maxLength: 3 }) }), {
      maxLength: 3,
    }),
    { maxLength: 3 },
  )
  .map((all) => all.map((egress, at) => aPolicy({ egress }, `p${at}`)));

function reachesOf(objects: ReturnType<typeof aPolicy>[], engine: PolicyEngineName) {
  const facts = {
    version: '1.4.1',
    enabled: true,
    running: true,
    ipv6: false,
    mode: null,
    egressV4: null,
    egressV6: null,
  };
  const on = { compute: 'ec2', agents: [{ engine, container: 'agent', ...facts }] } as const;
  const network = { nodes: new Map([['n', on]]), kinds: [on], complete: true, settings: SETTINGS };
  const made = createEgress({
    policies: objects,
    namespaces: new Map(),
    config: defaultConfig().egress,
    network,
  });
  const view = made.view({ namespace: 'shop', labels: {}, hostNetwork: false });
  const pod = { os: 'linux', standalone: false, placements: [{ network: on, pods: 1 }] } as const;
  return { declared: setOf(view.answer.declared), enforced: setOf(view.enforced(pod)) };
}

/** Of IPv4: pods of this cluster have no other address. */
const setOf = (part: { readonly external: readonly ExternalRange[] } | { readonly unknown: string }) =>
  'unknown' in part ? null : fromExternalRanges(part.external.filter(({ from }) => !from.includes(':')));

test('an engine without departures enforces what is declared', () => {
  fc.assert(
    fc.property(policies, (objects) => {
      const { declared, enforced } = reachesOf(objects, 'calico');
      if (declared !== null) expect(enforced !== null && sameSet(declared, enforced)).toBe(true);
    }),
    { numRuns: runs(200) },
  );
});

test('the VPC CNI never enforces more than is declared, and less only where something is excepted', () => {
  fc.assert(
    fc.property(policies, (objects) => {
      const { declared, enforced } = reachesOf(objects, 'vpc-cni');
      if (declared === null || enforced === null) return;
      expect(isNothing(subtract(enforced, declared))).toBe(true);
      if (!JSON.stringify(objects).includes('except')) expect(sameSet(declared, enforced)).toBe(true);
    }),
    { numRuns: runs(300) },
  );
});
