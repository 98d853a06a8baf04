import { describe, expect, test } from '@jest/globals';
import { EVERYTHING, FLEET, hub, resourcesOf } from './deployed.ts';

interface Placed {
  readonly ipv6: unknown;
  readonly dualStack: unknown;
}

/** Of the functions in the VPC, and of the others. */
function functionsOf(yaml: string): {
  readonly inside: readonly Placed[];
  readonly outside: readonly Placed[];
} {
  const all = Object.values(resourcesOf(hub(yaml))).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const { Ipv6AllowedForDualStack: ipv6 } = (Properties['VpcConfig'] ?? {}) as Readonly<
      Record<string, unknown>
    >;
    const { Variables } = Properties['Environment'] as {
      readonly Variables: Readonly<Record<string, unknown>>;
    };
    return [
      {
        inside: Properties['VpcConfig'] !== undefined,
        ipv6,
        dualStack: Variables['AWS_USE_DUALSTACK_ENDPOINT'],
      },
    ];
  });
  const of = (inside: boolean) =>
    all.filter((one) => one.inside === inside).map(({ ipv6, dualStack }) => ({ ipv6, dualStack }));
  return { inside: of(true), outside: of(false) };
}

const withIpv6 = (yaml: string, value: string): string =>
  yaml.replace('clusterSecurityGroups:', `ipv6: ${value}\n    clusterSecurityGroups:`);

describe.each([
  ['one function', EVERYTHING],
  ['a fleet', FLEET],
])('%s in a VPC', (_, yaml) => {
  test.each([
    ['off', undefined, undefined],
    ['on', true, undefined],
    ['only', true, 'true'],
  ])('with ipv6: %s', (value, ipv6, dualStack) => {
    const { inside, outside } = functionsOf(withIpv6(yaml, value));
    expect(inside).toEqual([{ ipv6, dualStack }]);
    expect(outside.length).toBeGreaterThan(0);
    for (const one of outside) expect(one).toEqual({ ipv6: undefined, dualStack: undefined });
  });

  test('its security group lets IPv6 out where it lets IPv4 out', () => {
    const rules = Object.values(resourcesOf(hub(yaml))).flatMap(({ Type, Properties }) =>
      Type === 'AWS::EC2::SecurityGroup'
        ? (Properties['SecurityGroupEgress'] as readonly {
            CidrIp?: string;
            CidrIpv6?: string;
            FromPort: number;
          }[])
        : [],
    );
    const ports = (of: 'CidrIp' | 'CidrIpv6') =>
      rules.filter((rule) => rule[of] !== undefined).map(({ FromPort }) => FromPort);
    expect(ports('CidrIpv6')).toEqual(ports('CidrIp'));
    expect(ports('CidrIpv6').length).toBeGreaterThan(0);
  });
});
