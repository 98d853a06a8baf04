import { describe, expect, it } from '@jest/globals';
import type { EgressConfig } from '../../lambda/config/config.ts';
import { NO_POLICY } from '../../lambda/egress/answers/explain.ts';
import { createEgress, selectedLabelKeys } from '../../lambda/egress/engine.ts';
import {
  ALL_IPV6,
  aNetworkPolicy,
  EVERYWHERE,
  egressOf,
  inShort,
  NO_CONFIG,
  reachOf,
  viewOf,
} from './support/build.ts';

const approving = (...approved: Partial<EgressConfig['approved'][number]>[]): EgressConfig => ({
  ...NO_CONFIG,
  approved: approved.map((one) => ({
    name: 'ours',
    cidrs: [],
    hosts: [],
    awsService: null,
    ports: null,
    protocols: null,
    ...one,
  })),
});
const allowing = (cidr: string, ...ports: number[]) =>
  egressOf({ to: [{ ipBlock: { cidr } }], ports: ports.map((port) => ({ port })) });

describe('the views of an engine', () => {
  it('the views of an engine are shared by pods that the same policies select', () => {
    const policies = [
      aNetworkPolicy({ podSelector: { matchLabels: { app: 'a' } }, policyTypes: ['Egress'] }),
      egressOf({}),
    ];
    const engine = createEgress({ policies, namespaces: new Map(), config: NO_CONFIG });
    const view = (labels: Record<string, string>, namespace = 'default', hostNetwork = false) =>
      engine.view({ namespace, labels, hostNetwork });
    expect(view({ app: 'a' })).toBe(view({ app: 'a', tier: 'x' }));
    expect(view({ app: 'a' })).not.toBe(view({ app: 'b' }));
    expect(view({}, 'one')).toBe(view({ app: 'a' }, 'two'));
    expect(view({}, 'one')).not.toBe(view({}, 'default'));
    expect(view({ app: 'a' }, 'default', true)).not.toBe(view({ app: 'a' }));
  });

  it('the views of an engine do not know what is enforced, and say so', () => {
    expect(viewOf([]).answer.enforced).toEqual({ unknown: expect.stringMatching(/was not examined/) });
  });
});

describe('a pod on the network of its node', () => {
  const view = viewOf([allowing('10.0.0.0/8', 443)], { hostNetwork: true });

  it('a pod on the host network is answered as the policies say, with a note', () => {
    expect(inShort(reachOf(view).external)).toEqual(['10.0.0.0-10.255.255.255 TCP 443-443']);
    expect(view.answer.policies).toEqual(['NetworkPolicy default/policy']);
    expect(view.answer.notes).toEqual([expect.stringMatching(/hostNetwork.*count everything as reachable/)]);
  });

  it('a pod on the host network counts as reaching everything, whatever policies select it', () => {
    expect(view.internetOnEveryPort).toEqual({ ipv4: 1, ipv6: 1 });
    expect(view.internetOn(22)).toEqual({ ipv4: 1, ipv6: 1 });
    expect(view.reaches('169.254.169.254', 80)).toBe(true);
    expect(viewOf([aNetworkPolicy('broken')], { hostNetwork: true }).undecided).toBeNull();
  });
});

describe('how much of the internet a pod reaches', () => {
  it('all of the internet is open without a policy, and nothing behind a deny-all one', () => {
    expect(viewOf([]).internetOnEveryPort).toEqual({ ipv4: 1, ipv6: 1 });
    expect(viewOf([egressOf()]).internetOnEveryPort).toEqual({ ipv4: 0, ipv6: 0 });
    expect(viewOf([egressOf()]).internetOn(443)).toEqual({ ipv4: 0, ipv6: 0 });
  });

  it('private addresses are not the internet', () => {
    expect(viewOf([allowing('10.0.0.0/8', 22)]).internetOn(22)).toEqual({ ipv4: 0, ipv6: 0 });
  });

  it('each TCP port of the internet counts by itself', () => {
    const view = viewOf([allowing('0.0.0.0/0', 443)]);
    expect(view.internetOn(443)).toEqual({ ipv4: 1, ipv6: 0 });
    expect(view.internetOn(80)).toEqual({ ipv4: 0, ipv6: 0 });
    expect(view.internetOnEveryPort).toEqual({ ipv4: 0, ipv6: 0 });
    const udp = viewOf([egressOf({ ports: [{ protocol: 'UDP' }] })]);
    expect(udp.internetOn(443)).toEqual({ ipv4: 0, ipv6: 0 });
    expect(viewOf([egressOf({ ports: [{ protocol: 'TCP' }] })]).internetOnEveryPort).toEqual({
      ipv4: 1,
      ipv6: 1,
    });
    const without = (...ports: { port: number; endPort: number }[]) =>
      viewOf([egressOf({ ports })]).internetOnEveryPort.ipv4;
    expect(without({ port: 1, endPort: 65534 })).toBe(0);
    expect(without({ port: 2, endPort: 65535 })).toBe(0);
    expect(without({ port: 1, endPort: 79 }, { port: 81, endPort: 65535 })).toBe(0);
    expect(without({ port: 1, endPort: 80 }, { port: 81, endPort: 65535 })).toBe(1);
  });

  it('approved destinations are subtracted on their ports only', () => {
    const open = [allowing('8.8.8.0/24', 443, 80)];
    const share = (...approved: Parameters<typeof approving>) => {
      const view = viewOf(open, {}, approving(...approved));
      return [view.internetOn(443).ipv4 > 0, view.internetOn(80).ipv4 > 0];
    };
    expect(share()).toEqual([true, true]);
    expect(share({ cidrs: ['8.8.8.0/24'] })).toEqual([false, false]);
    expect(share({ cidrs: ['8.8.8.0/24'], ports: [443] })).toEqual([false, true]);
    expect(share({ cidrs: ['8.8.8.0/25'] })).toEqual([true, true]);
    expect(share({ cidrs: ['8.8.8.0/25', '8.8.8.128/25'] })).toEqual([false, false]);
    expect(share({ hosts: ['dns.google'] })).toEqual([true, true]);
  });

  it('approval changes neither the answer nor "every port"', () => {
    const view = viewOf([], {}, approving({ cidrs: ['0.0.0.0/0', '::/0'] }));
    expect(view.internetOnEveryPort).toEqual({ ipv4: 1, ipv6: 1 });
    expect(inShort(reachOf(view).external)).toEqual(EVERYWHERE);
    expect(view.internetOn(443)).toEqual({ ipv4: 0, ipv6: 0 });
  });

  it('approvals that cannot be counted are noted', () => {
    const view = viewOf(
      [],
      {},
      approving({ name: 's3', awsService: 's3' }, { name: 'typo', cidrs: ['8.8.8.8'] }),
    );
    expect(view.internetOn(443)).toEqual({ ipv4: 1, ipv6: 1 });
    expect(view.answer.notes).toEqual([
      'Approved destination s3: the addresses of AWS service s3 are not known, so only host rules for its endpoints count.',
      'Approved destination typo: 8.8.8.8 is not a CIDR block and does not count.',
    ]);
  });
});

describe('whether a pod reaches an address', () => {
  it('the question for an address and a port is about TCP', () => {
    const view = viewOf([egressOf({ to: [{ ipBlock: { cidr: '169.254.0.0/16' } }], ports: [{ port: 80 }] })]);
    expect(view.reaches('169.254.169.254', 80)).toBe(true);
    expect(view.reaches('::ffff:169.254.169.254', 80)).toBe(true);
    expect(view.reaches('169.254.169.254', 81)).toBe(false);
    expect(view.reaches('169.253.169.254', 80)).toBe(false);
    expect(view.reaches('fd00:ec2::254', 80)).toBe(false);
  });

  it('a question for an invalid address is refused, since "no" would be an all clear', () => {
    expect(() => viewOf([egressOf()]).reaches('metadata', 80)).toThrow('"metadata" is not an IP address.');
  });
});

describe('explanations', () => {
  it('explanations say that no policy restricts the pod', () => {
    expect(
      viewOf([])
        .explain()
        .map(({ because }) => because),
    ).toEqual([[NO_POLICY], [NO_POLICY]]);
  });

  it('explanations name every rule behind a range, and split ranges where the rules change', () => {
    const policies = [
      aNetworkPolicy(
        { egress: [{ to: [{ podSelector: {} }] }, { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] },
        { name: 'a' },
      ),
      aNetworkPolicy(
        { egress: [{ to: [{ ipBlock: { cidr: '10.128.0.0/9' } }], ports: [{ port: 443 }] }] },
        { name: 'b' },
      ),
    ];
    const explained = viewOf(policies).explain();
    const [a, b] = ['NetworkPolicy default/a: spec.egress[1]', 'NetworkPolicy default/b: spec.egress[0]'];
    expect(explained.map(({ external, because }) => [...inShort([external]), ...because])).toEqual([
      ['10.0.0.0-10.127.255.255 all', a],
      ['10.128.0.0-10.255.255.255 TCP 1-442,TCP 444-65535,UDP 1-65535,SCTP 1-65535', a],
      ['10.128.0.0-10.255.255.255 TCP 443-443', a, b],
    ]);
  });

  it('explanations hold for IPv6 too, and leave out a rule that opens nothing', () => {
    const view = viewOf([egressOf({ to: [{ ipBlock: { cidr: '::/0' } }] }, { ports: [{ port: 'http' }] })]);
    expect(view.explain().map(({ external, because }) => [...inShort([external]), ...because])).toEqual([
      [`${ALL_IPV6} all`, 'NetworkPolicy default/policy: spec.egress[0]'],
    ]);
  });
});

describe('label keys', () => {
  it('label keys are those by which policies select pods', () => {
    const policies = [
      aNetworkPolicy({
        podSelector: {
          matchLabels: { app: 'a' },
          matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }],
        },
        policyTypes: ['Egress'],
        egress: [{ to: [{ podSelector: { matchLabels: { peer: 'x' } } }] }],
      }),
      aNetworkPolicy({ podSelector: { matchLabels: { incoming: 'a' } }, policyTypes: ['Ingress'] }),
    ];
    // Policies for incoming traffic open pods that a strict engine keeps closed.
    expect([...selectedLabelKeys(policies)].sort()).toEqual(['app', 'incoming', 'tier']);
  });
});
