import { describe, expect, test } from '@jest/globals';
import { asCalled, OWN_COMMANDS, sourceOfCluster } from '../../lambda/report/own-commands.ts';

const caller = { program: 'npm run -s cli --', source: " --context 'a b' --config my.yaml" };

describe('commands in a text', () => {
  test.each([
    [
      'see eks-drift-audit egress shop/web --explain; or ask',
      "see npm run -s cli -- egress --context 'a b' --config my.yaml shop/web --explain; or ask",
    ],
    [
      'eks-drift-audit fixes --write fixes makes a draft.',
      "npm run -s cli -- fixes --context 'a b' --config my.yaml --write fixes makes a draft.",
    ],
    // The configuration of the reader, not that of an example.
    [
      'eks-drift-audit egress shop/web --explain --config audit.config.yaml',
      "npm run -s cli -- egress --context 'a b' --config my.yaml shop/web --explain",
    ],
    // These name what they read.
    [
      'helm template . | eks-drift-audit audit --snapshot -',
      'helm template . | npm run -s cli -- audit --snapshot -',
    ],
    // These read no cluster, or another one.
    ['eks-drift-audit checks explain pod-too-old', 'npm run -s cli -- checks explain pod-too-old'],
    ['eks-drift-audit access --cluster prod prints it', 'npm run -s cli -- access --cluster prod prints it'],
    ['eks-drift-audit snapshot --out FILE.', 'npm run -s cli -- snapshot --out FILE.'],
    // No commands.
    [
      'eks-drift-auditor is a user of eks-drift-audit 1.2.',
      'eks-drift-auditor is a user of eks-drift-audit 1.2.',
    ],
  ])('%s', (text, expected) => {
    expect(asCalled(text, caller)).toBe(expected);
  });

  test('they end before the sentence goes on', () => {
    const text =
      "Run eks-drift-audit fixes --snapshot 'a b.yaml' --write fixes, then npm run -s cli -- egress a/b --explain shows it.";
    expect([...text.matchAll(OWN_COMMANDS)].map(([command]) => command)).toEqual([
      "eks-drift-audit fixes --snapshot 'a b.yaml' --write fixes",
      'npm run -s cli -- egress a/b --explain',
    ]);
  });

  test('a cluster of EKS is named by name and region, what only a context names is not', () => {
    const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/prod';
    expect(sourceOfCluster({ name: 'prod', arn, accountId: '111122223333', region: 'eu-west-1' })).toBe(
      ' --eks prod --region eu-west-1',
    );
    expect(sourceOfCluster({ name: 'kind', arn: null, accountId: null, region: null })).toBe('');
  });
});
