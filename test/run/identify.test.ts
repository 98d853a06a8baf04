import { describe, expect, test } from '@jest/globals';
import { causeOf } from '../../lambda/findings/cause.ts';
import { findingId } from '../../lambda/findings/identity.ts';
import { identify } from '../../lambda/run/conclude.ts';
import { aFinding, aResult, PROD } from '../findings/builders.ts';

describe('a cluster that earlier runs know under another identity', () => {
  test('ids of findings, of what they follow from and of causes are those of the known identity', () => {
    const byName = { name: 'context', arn: null, accountId: null, region: null };
    const shop = { kind: 'Namespace', namespace: null, name: 'shop', part: null };
    const findingsOf = (cluster: typeof PROD | typeof byName) => {
      const cause = causeOf(cluster, 'no-egress-policy', shop);
      const root = aFinding({ cluster, check: 'egress-unrestricted', cause });
      return [root, aFinding({ cluster, check: 'egress-insecure-port', cause, impliedBy: root.id })];
    };
    const result = aResult({ cluster: byName, findings: findingsOf(byName) });
    const { findings } = identify(result, { cluster: PROD, relation: 'same', because: null });
    expect(findings).toEqual(findingsOf(PROD));
    expect(findings[1]?.impliedBy).toBe(findingId(findings[0] ?? aFinding()));
  });
});
