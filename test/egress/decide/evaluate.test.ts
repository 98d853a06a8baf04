import { describe, expect, it } from '@jest/globals';
import { createView } from '../../../lambda/egress/answers/create-view.ts';
import { NO_RULE } from '../../../lambda/egress/answers/explain.ts';
import { approvedAt } from '../../../lambda/egress/approved/approved.ts';
import { decide } from '../../../lambda/egress/decide/evaluate.ts';
import type { Action, Policy, Rule } from '../../../lambda/egress/policies/policy.ts';
import { MATCH_ALL } from '../../../lambda/egress/policies/selector.ts';
import { EVERYTHING, fromCidrs, NOTHING, onEveryAddress } from '../../../lambda/egress/sets/address-set.ts';
import type { HostMatch } from '../../../lambda/egress/sets/hosts.ts';
import { ALL_PORTS, onePort } from '../../../lambda/egress/sets/port-set.ts';
import { externalRanges } from '../../../lambda/egress/sets/printed.ts';
import { EVERYWHERE, inShort, reachOf } from '../support/build.ts';

const aRule = (action: Action, covers = EVERYTHING, more: Partial<Rule> = {}): Rule => ({
  source: `${action} rule`,
  action,
  covers,
  potentialCover: covers,
  hosts: [],
  ...more,
});

const aPolicy = (rules: readonly Rule[], more: Partial<Policy> = {}): Policy => ({
  name: 'policy',
  scope: { namespaces: { matching: MATCH_ALL }, pods: MATCH_ALL },
  tier: { name: 'tier', order: 1 },
  order: 0,
  defaultAction: 'pass',
  rules,
  uncertainties: [],
  notes: [],
  ...more,
});

const host = (name: string, ports = ALL_PORTS): HostMatch => ({ host: name, ports, wildcard: 'labels' });
const applied = (...policies: Policy[]) => policies.map((policy) => ({ policy, definite: true }));
const reached = (...policies: Policy[]) =>
  inShort(externalRanges(decide(applied(...policies)).reached.definite));
const view = (...policies: Policy[]) =>
  createView({
    applied: applied(...policies),
    hostNetwork: false,
    approved: approvedAt(NOTHING),
  });

const ten = fromCidrs(['10.0.0.0/8']);

describe('tiers', () => {
  it('an earlier tier decides before a later one, whatever the order of the policies given', () => {
    const admin = aPolicy([aRule('deny', ten)], { tier: { name: 'admin', order: 1 } });
    const open = aPolicy([aRule('allow', ten)], {
      tier: { name: 'default', order: 2 },
      defaultAction: 'deny',
    });
    expect(reached(open, admin)).toEqual([]);
  });

  it('pass skips the rest of the tier and its default, and goes to the next', () => {
    const passing = aPolicy([aRule('pass', ten), aRule('deny')], { defaultAction: 'deny' });
    const next = aPolicy([aRule('allow', ten)], { tier: { name: 'next', order: 2 }, defaultAction: 'deny' });
    expect(reached(passing, next)).toEqual(['10.0.0.0-10.255.255.255 all']);
    expect(reached(passing)).toEqual(['10.0.0.0-10.255.255.255 all']);
  });

  it('traffic that no tier decides is open', () => {
    expect(reached(aPolicy([]))).toEqual(EVERYWHERE);
    expect(reached(aPolicy([], { defaultAction: 'deny' }))).toEqual([]);
  });

  it('one policy with the default action deny denies the rest for the whole tier', () => {
    expect(reached(aPolicy([aRule('allow', ten)]), aPolicy([], { defaultAction: 'deny' }))).toEqual([
      '10.0.0.0-10.255.255.255 all',
    ]);
  });

  it('deny rules that are ordered before all others always win', () => {
    const allow = aPolicy([aRule('allow')], { name: 'a', order: 1, defaultAction: 'deny' });
    const deny = aPolicy([aRule('deny', ten)], {
      name: 'b',
      order: Number.NEGATIVE_INFINITY,
      defaultAction: 'deny',
    });
    expect(reached(allow, deny)[1]).toBe('11.0.0.0-255.255.255.255 all');
  });

  it('equal orders are settled by name', () => {
    const first = aPolicy([aRule('allow', ten)], { name: 'a', defaultAction: 'deny' });
    const second = aPolicy([aRule('deny', ten)], { name: 'b' });
    expect(reached(second, first)).toEqual(['10.0.0.0-10.255.255.255 all']);
  });
});

describe('explanations across tiers', () => {
  it('explanations name a rule only where no earlier one decided, and say where none did', () => {
    const admin = aPolicy([aRule('deny', fromCidrs(['10.128.0.0/9']))], { name: 'admin' });
    const open = aPolicy([aRule('allow', ten)], { name: 'open', tier: { name: 'next', order: 2 } });
    const explained = view(admin, open).explain();
    expect(
      explained.map(({ external, because }) => [...inShort([external]), ...because]).slice(0, 3),
    ).toEqual([
      ['0.0.0.0-9.255.255.255 all', NO_RULE],
      ['10.0.0.0-10.127.255.255 all', 'allow rule'],
      ['11.0.0.0-255.255.255.255 all', NO_RULE],
    ]);
  });
});

describe('host rules', () => {
  const hostsOf = (...policies: Policy[]) => reachOf(view(...policies)).hosts;

  it('host rules are answered beside the addresses, once for each host', () => {
    const rules = [
      aRule('allow', NOTHING, { hosts: [host('b.example.com', onePort('TCP', 443)), host('a.example.com')] }),
      aRule('allow', NOTHING, { hosts: [host('b.example.com', onePort('TCP', 80))] }),
    ];
    expect(hostsOf(aPolicy(rules, { defaultAction: 'deny' }))).toEqual([
      { host: 'a.example.com', ports: 'all' },
      {
        host: 'b.example.com',
        ports: [
          { protocol: 'TCP', from: 80, to: 80 },
          { protocol: 'TCP', from: 443, to: 443 },
        ],
      },
    ]);
  });

  it('host rules do not count on ports that are denied everywhere before them', () => {
    const deny = aRule('deny', onEveryAddress(onePort('TCP', 80)));
    const allow = aRule('allow', NOTHING, {
      hosts: [host('example.com', onePort('TCP', 80)), host('example.org', onePort('TCP', 443))],
    });
    expect(hostsOf(aPolicy([deny, allow], { defaultAction: 'deny' })).map(({ host }) => host)).toEqual([
      'example.org',
    ]);
  });

  it('host rules of a policy that may not select the pod leave the answer unknown', () => {
    const policy = aPolicy([aRule('allow', NOTHING, { hosts: [host('example.com')] })], {
      uncertainties: ['odd'],
    });
    const closed = aPolicy([], { name: 'closed', defaultAction: 'deny' });
    const unsure = [{ policy, definite: false }, ...applied(closed)];
    const approved = approvedAt(NOTHING);
    expect(createView({ applied: unsure, hostNetwork: false, approved }).undecided?.message).toMatch(
      /policy: odd/,
    );
  });

  it('host rules are found by domain when they are open on 80 or 443', () => {
    const rules = [
      aRule('allow', NOTHING, {
        hosts: [
          host('*.pypi.org', onePort('TCP', 443)),
          host('pypi.org', onePort('TCP', 22)),
          host('*.example.com', onePort('TCP', 443)),
        ],
      }),
    ];
    const seen = view(aPolicy(rules, { defaultAction: 'deny' }));
    expect(seen.hostsUnder(['pypi.org', 'npmjs.org']).map(({ host }) => host)).toEqual(['*.pypi.org']);
    expect(seen.hostsUnder(['npmjs.org'])).toEqual([]);
  });
});
