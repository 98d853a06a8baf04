import { describe, expect, test } from '@jest/globals';
import { parseVpcCniValues } from '../../lambda/discover/describe-facts.ts';

describe('the configuration values of vpc-cni', () => {
  test.each([
    ['nothing', '', false, 'standard'],
    ['an empty object', '{}', false, 'standard'],
    ['policies on', '{"enableNetworkPolicy": "true"}', true, 'standard'],
    ['policies on, as a boolean', '{"enableNetworkPolicy": true}', true, 'standard'],
    [
      'policies off',
      '{"enableNetworkPolicy":"false","nodeAgent":{"enablePolicyEventLogs":"true"}}',
      false,
      'standard',
    ],
    ['YAML', 'enableNetworkPolicy: "true"\nenv:\n  NETWORK_POLICY_ENFORCING_MODE: strict\n', true, 'strict'],
    ['a value that nobody knows', '{"enableNetworkPolicy": "yes"}', null, 'standard'],
    ['a mode that is no text', '{"env": {"NETWORK_POLICY_ENFORCING_MODE": {}}}', false, null],
    ['a list', '["enableNetworkPolicy"]', null, null],
    ['what is neither JSON nor YAML', '{"enableNetworkPolicy": "true"', null, null],
    ['aliases', 'a: &a {x: 1}\nb: *a\nenableNetworkPolicy: "true"\n', null, null],
  ])('the configuration values of vpc-cni are read: %s', (_what, values, networkPolicy, enforcingMode) => {
    expect(parseVpcCniValues(values)).toEqual({ networkPolicy, enforcingMode });
  });
});
