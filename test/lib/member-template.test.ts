import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { memberTemplate } from '../../lib/member-template.ts';

const text = readFileSync(new URL('../../manifests/member-template.yaml', import.meta.url), 'utf8');
/** As CloudFormation reads it. */
const template = parse(text, { version: '1.1' }) as {
  readonly Parameters: Readonly<
    Record<string, { readonly Default?: unknown; readonly AllowedValues?: unknown }>
  >;
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
  readonly Rules?: unknown;
};

describe('the plain template of a member account', () => {
  test('the member template is what its stack synthesises (if not: npm run manifests)', () => {
    expect(text).toBe(memberTemplate());
  });

  test('the member template has parameters for the hub, the external id and the regions, and none of the CDK', () => {
    const asked = Object.entries(template.Parameters).flatMap(([name, { Default }]) =>
      Default === undefined ? [name] : [],
    );
    expect(asked.sort()).toEqual(['ExternalId', 'HubAccountId', 'Regions']);
    expect(template.Rules).toBeUndefined();
    expect(text).not.toMatch(/cdk-hnb659fds|BootstrapVersion|AssetParameters|aws:cdk/);
  });

  test('the member template creates the measuring role only where kubelets are asked, for the reader of the hub alone', () => {
    const [measurer] = Object.entries(template.Resources).flatMap(([id, resource]) =>
      id.startsWith('Measurer') ? [resource as unknown as Record<string, unknown>] : [],
    );
    expect(measurer).toMatchObject({ Type: 'AWS::IAM::Role', Condition: 'KubeletsAreAsked' });
    expect(template.Parameters['Measure']).toMatchObject({
      Default: 'off',
      AllowedValues: ['kubelet', 'off'],
    });
    const trust = JSON.stringify(measurer);
    expect(trust).toContain(':role/${name}"');
    expect(trust).not.toMatch(/Discovery|Sender|"Policies"|ManagedPolicy/);
  });

  test('the member template creates roles and their policies', () => {
    const types = new Set(Object.values(template.Resources).map(({ Type }) => Type));
    expect(types).toEqual(new Set(['AWS::IAM::Role', 'AWS::IAM::Policy']));
  });

  test('the member template quotes texts where YAML 1.1 might read another type', () => {
    expect(template.Parameters['SecurityHub']).toMatchObject({
      Default: 'off',
      AllowedValues: ['on', 'off'],
    });
  });
});
