import { describe, expect, test } from '@jest/globals';
import { bypassesOf } from '../../lambda/mesh/bypass.ts';
import { aContainer, aSpec } from '../support/builders.ts';
import { proxy } from './builders.ts';

const PREFIX = 'traffic.sidecar.istio.io/';
const by = (annotations: Readonly<Record<string, string>>) =>
  bypassesOf(aSpec({ annotations })).map(({ what }) => what);

describe('what goes around the sidecar', () => {
  test('nothing bypasses the sidecar without annotations, nor with those that injection writes by default', () => {
    expect(bypassesOf(aSpec())).toEqual([]);
    expect(
      by({
        'sidecar.istio.io/interceptionMode': 'REDIRECT',
        [`${PREFIX}includeOutboundIPRanges`]: '*',
        [`${PREFIX}excludeOutboundIPRanges`]: '',
        [`${PREFIX}excludeOutboundPorts`]: ' ',
        [`${PREFIX}includeOutboundPorts`]: '',
      }),
    ).toEqual([]);
    expect(by({ 'sidecar.istio.io/interceptionMode': 'TPROXY' })).toEqual([]);
  });

  test('excluded ranges, ports and interfaces bypass the sidecar', () => {
    expect(by({ [`${PREFIX}excludeOutboundPorts`]: '22,5432' })).toEqual(['traffic to port 22,5432']);
    expect(by({ [`${PREFIX}excludeOutboundIPRanges`]: '10.0.0.0/8' })).toEqual(['traffic to 10.0.0.0/8']);
    expect(by({ [`${PREFIX}excludeInterfaces`]: 'net1' })).toEqual(['traffic on net1']);
  });

  test('traffic outside the included ranges bypasses the sidecar; with no included range, all traffic does', () => {
    expect(by({ [`${PREFIX}includeOutboundIPRanges`]: '10.0.0.0/8' })).toEqual([
      'all traffic except to 10.0.0.0/8',
    ]);
    expect(by({ [`${PREFIX}includeOutboundIPRanges`]: '' })).toEqual(['everything']);
    const ports = { [`${PREFIX}includeOutboundPorts`]: '443' };
    expect(by({ [`${PREFIX}includeOutboundIPRanges`]: '', ...ports })).toEqual([
      'all traffic except to port 443',
    ]);
    // More ports than everything is nothing more.
    expect(by(ports)).toEqual([]);
  });

  test('all traffic bypasses the sidecar where nothing is redirected', () => {
    expect(by({ 'sidecar.istio.io/interceptionMode': 'NONE' })).toEqual([
      'all traffic, since nothing is redirected',
    ]);
  });

  test("a container that runs as the proxy's own user bypasses the sidecar, except for init containers and the proxy", () => {
    const as = (runAsUser: number) => aContainer('app', { runAsUser });
    const names = (spec: Parameters<typeof aSpec>[0]) => bypassesOf(aSpec(spec)).map(({ value }) => value);
    expect(names({ containers: [as(1337)] })).toEqual(['1337']);
    expect(names({ containers: [as(1000)], runAsUser: 1337 })).toEqual([]);
    expect(names({ containers: [aContainer()], runAsUser: 1337 })).toEqual(['1337']);
    const own = { ...proxy(), runAsUser: 1337 };
    expect(names({ containers: [aContainer('init', { type: 'init', runAsUser: 1337 }), own] })).toEqual([]);
  });

  test('long values of annotations are cut short', () => {
    const [found] = bypassesOf(
      aSpec({ annotations: { [`${PREFIX}excludeOutboundPorts`]: '1,'.repeat(9000) } }),
    );
    expect(found?.value).toHaveLength(200);
  });
});
