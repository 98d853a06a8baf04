import { describe, expect, test } from '@jest/globals';
import { FLEET, hub } from './deployed.ts';

interface Removable {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

const removable = (yaml: string): readonly (readonly [id: string, resource: Removable])[] =>
  Object.entries(
    (hub(yaml).toJSON() as { readonly Resources: Readonly<Record<string, Removable>> }).Resources,
  );

describe.each([
  ['single', ''],
  ['fleet', FLEET],
])('what a removal keeps of the mode %s', (_, yaml) => {
  test('goes with a first deployment that failed, or the next one would begin beside what is left', () => {
    const kept = removable(yaml).filter(([, { DeletionPolicy: policy }]) => policy?.startsWith('Retain'));
    expect(new Set(kept.map(([, { Type }]) => Type))).toEqual(
      new Set(['AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy']),
    );
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of kept) {
      expect({ id, DeletionPolicy, UpdateReplacePolicy }).toEqual({
        id,
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  test('are buckets with their policies: without them access logs end, and requests without TLS are let in', () => {
    const policies = removable(yaml).filter(([, { Type }]) => Type === 'AWS::S3::BucketPolicy');
    expect(policies.map(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual([
      'RetainExceptOnCreate',
      'RetainExceptOnCreate',
    ]);
  });
});
