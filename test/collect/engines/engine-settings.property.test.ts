import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CILIUM_CONFIG, VPC_CNI_CONFIG } from '../../../lambda/collect/engines/engine-sources.ts';
import { settingsFrom } from '../../../lambda/collect/engines/read-engine-settings.ts';
import type { EngineSettings } from '../../../lambda/inventory/engine-settings.ts';
import { runs } from '../../support/runs.ts';

/** Objects of any shape, with the keys that are read among the others. */
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('true', 'false', 'never', 'always', 'default', 'DefaultDeny', '') },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const keys = [
  'enable-network-policy-controller',
  'enable-policy',
  'policy-audit-mode',
  'networkPolicy',
  '__proto__',
  'constructor',
];
const record = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), value);
const odd = fc.oneof(record, fc.jsonValue());
const object = fc.record(
  { metadata: fc.oneof(fc.record({ name: fc.constantFrom('default', 'a') }), odd), data: odd, spec: odd },
  { requiredKeys: [] },
);

const read = (configMap: object, nodeClasses: readonly object[]): EngineSettings =>
  settingsFrom({
    configMaps: new Map(
      [VPC_CNI_CONFIG, CILIUM_CONFIG].map((name) => [name, { known: configMap as Record<string, unknown> }]),
    ),
    nodeClasses: { known: nodeClasses as readonly Record<string, unknown>[] },
    ipFamily: null,
  });

const dataOf = (configMap: object): Readonly<Record<string, unknown>> => {
  const data = (configMap as { data?: unknown }).data;
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
};

test('settings of any shape are read or said to be unread, and never switch an engine on by accident', () => {
  fc.assert(
    fc.property(object, fc.array(object, { maxLength: 3 }), (configMap, nodeClasses) => {
      const { vpcCniController, cilium } = read(configMap, nodeClasses);
      const data = dataOf(configMap);
      if ('known' in vpcCniController && vpcCniController.known) {
        expect(Object.hasOwn(data, 'enable-network-policy-controller')).toBe(true);
        expect(data['enable-network-policy-controller']).toBe('true');
      }
      if ('known' in cilium && cilium.known.enforcement === 'default') {
        const said = Object.hasOwn(data, 'enable-policy') ? data['enable-policy'] : undefined;
        expect(['default', undefined]).toContain(said);
      }
    }),
    { numRuns: runs(2000) },
  );
});

test('NodeClasses are all understood, or none', () => {
  fc.assert(
    fc.property(fc.array(object, { maxLength: 3 }), (nodeClasses) => {
      const found = read({}, nodeClasses).nodeClasses;
      if ('unread' in found) expect(found.unread.reason).toBe('malformed-object');
      else
        for (const policy of found.known.values())
          expect(['DefaultAllow', 'DefaultDeny', null]).toContain(policy);
    }),
    { numRuns: runs(2000) },
  );
});
