import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ApprovedDestination } from '../../../lambda/config/config.ts';
import { reachBeyond } from '../../../lambda/egress/answers/difference.ts';
import { approvedDestinations } from '../../../lambda/egress/approved/approved.ts';
import { externalRanges } from '../../../lambda/egress/sets/printed.ts';
import { applyPolicies } from '../../../lambda/egress/suggest/apply.ts';
import { manifestOf, policyObjectOf, suggestPolicy } from '../../../lambda/egress/suggest/suggest.ts';
import { chooseLabels, type LabelledWorkload } from '../../../lambda/egress/suggest/suggest-labels.ts';
import { runs } from '../../support/runs.ts';
import { selects } from '../brute-force.ts';
import { ipBlock, policies, portNumber } from '../support/arbitraries.ts';
import { NO_CONFIG, reachOf, viewOf } from '../support/build.ts';

const approval: fc.Arbitrary<ApprovedDestination> = fc.record({
  name: fc.string(),
  cidrs: fc.array(
    ipBlock.map(({ cidr }) => cidr),
    { maxLength: 3 },
  ),
  hosts: fc.constant([]),
  awsService: fc.constant(null),
  ports: fc.option(fc.array(portNumber, { minLength: 1, maxLength: 3 })),
  protocols: fc.option(fc.subarray(['TCP', 'UDP', 'SCTP'] as const, { minLength: 1 })),
});
const approvals = fc.array(approval, { maxLength: 4 });

const labels = fc.dictionary(
  fc.constantFrom('app', 'tier', 'team', 'pod-template-hash'),
  fc.constantFrom('a', 'b', 'c'),
);
const workloads = fc
  .array(fc.array(labels, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 })
  .map((list) =>
    list.map(
      (sets, index): LabelledWorkload => ({
        workload: { namespace: 'default', kind: 'Deployment', name: `w${index}` },
        labels: sets,
      }),
    ),
  );

describe('a suggested policy', () => {
  test('a suggested policy opens exactly what is approved by address, for exactly the pods of its workload', () => {
    fc.assert(
      fc.property(workloads, approvals, (all, approved) => {
        const [own, ...others] = all;
        if (own === undefined) return;
        const chosen = chooseLabels(own, others);
        if (chosen === null) return;
        const suggestion = suggestPolicy(own.workload, chosen.matchLabels, { approved });
        const policy = policyObjectOf(suggestion);
        const wanted = externalRanges(approvedDestinations({ ...NO_CONFIG, approved }).addresses);
        for (const set of own.labels) {
          expect(reachOf(viewOf([policy], { labels: set })).external).toEqual(wanted);
        }
        const selector = { matchLabels: chosen.matchLabels };
        for (const other of others) {
          const isSelected = other.labels.some((set) => selects(selector, set));
          expect(chosen.alsoSelects.includes(other.workload)).toBe(isSelected);
          for (const set of other.labels.filter((one) => !selects(selector, one))) {
            expect(viewOf([policy], { labels: set }).answer.policies).toEqual([]);
          }
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('a suggested policy beside others opens what any of them opens, and keeps all that is approved', () => {
    fc.assert(
      fc.property(policies, approvals, (existing, approved) => {
        const workload = { namespace: 'default', kind: 'Deployment', name: 'web' };
        const policy = policyObjectOf(suggestPolicy(workload, { app: 'a' }, { approved }));
        const pod = { labels: { app: 'a', tier: 'b' } };
        const after = viewOf(applyPolicies(existing, [policy]).policies, pod);
        const before = viewOf(existing, pod);
        const config = { ...NO_CONFIG, approved };
        const wanted = externalRanges(approvedDestinations(config).addresses);
        expect(reachBeyond({ external: wanted }, after.answer.declared)).toEqual({ external: [], hosts: [] });
        // Nothing but what is approved comes on top of what others of the namespace allow.
        const restricted = before.answer.policies.length > 0;
        const judged = viewOf(applyPolicies(existing, [policy]).policies, pod, config).unapproved();
        const judgedBefore = viewOf(existing, pod, config).unapproved();
        expect(judged.rangeCount).toBe(restricted ? judgedBefore.rangeCount : 0);
        expect(after.answer.policies).toContain('NetworkPolicy default/web-egress');
      }),
      { numRuns: runs(200) },
    );
  });

  test('a suggested policy is valid by the rules of the API', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?$/),
        approvals,
        (name, approved) => {
          const workload = { namespace: 'default', kind: 'Deployment', name };
          const { metadata, spec } = manifestOf(suggestPolicy(workload, { app: 'a' }, { approved }));
          expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
          expect(metadata.name.length).toBeLessThanOrEqual(253);
          for (const rule of spec.egress) expect(problemsOf(rule as Rule)).toEqual([]);
        },
      ),
    );
  });
});

interface Rule {
  readonly to?: readonly { readonly ipBlock?: { readonly cidr: string } }[];
  readonly ports?: readonly {
    readonly protocol: string;
    readonly port?: number;
    readonly endPort?: number;
  }[];
}

/** `ValidateNetworkPolicySpec`, pkg/apis/networking/validation: an empty list would mean any. */
function problemsOf({ to, ports }: Rule): readonly string[] {
  const inRange = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;
  return [
    ...(to?.length === 0 ? ['to is empty'] : []),
    ...(ports?.length === 0 ? ['ports is empty'] : []),
    ...(to ?? []).flatMap(({ ipBlock: block }) =>
      block === undefined || /^(\d+\.){3}\d+\/\d+$|^[0-9a-f:]+\/\d+$/.test(block.cidr) ? [] : [block.cidr],
    ),
    ...(ports ?? []).flatMap(({ protocol, port, endPort }) => [
      ...(['TCP', 'UDP', 'SCTP'].includes(protocol) ? [] : [protocol]),
      ...(port === undefined || inRange(port) ? [] : [String(port)]),
      ...(endPort === undefined || (port !== undefined && endPort >= port && inRange(endPort))
        ? []
        : ['endPort']),
    ]),
  ];
}
