import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { EksDriftAuditor, type EksDriftAuditorProps } from '../../lib/index.ts';
import { settingsOf } from './deployed.ts';

const CODE = Code.fromInline('exports.handler = async () => {};');

type Given = Omit<EksDriftAuditorProps, 'settings' | 'code'>;

function auditorIn(stack: Stack, given: Given = {}, yaml = '', id = 'Auditor'): EksDriftAuditor {
  return new EksDriftAuditor(stack, id, { settings: settingsOf(yaml), code: CODE, ...given });
}

const aStack = (app = new App(), account?: string): Stack =>
  new Stack(
    app,
    `Mine${app.node.children.length}`,
    account === undefined ? {} : { env: { account, region: 'eu-west-1' } },
  );

/** Warnings of synthesis, each a text. */
const warned = (stack: Stack): string =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => String(entry.data))
    .join('\n');

describe('what an app gives that does not do', () => {
  test('a VPC without a way out is refused with what would do', () => {
    const stack = aStack();
    const vpc = new Vpc(stack, 'Vpc', {
      natGateways: 0,
      subnetConfiguration: [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
    });
    expect(() => auditorIn(stack, { vpc: { vpc: vpc as IVpc } })).toThrow(
      "The VPC has no private subnets with NAT: give vpc.subnets, or endpoints: 'create', which makes the endpoints that the function needs in the isolated ones.",
    );
  });

  test('a bucket that is not versioned is refused: an overwritten report would be lost', () => {
    const stack = aStack();
    const bucket = new Bucket(stack, 'Reports') as IBucket;
    expect(() => auditorIn(stack, { bucket })).toThrow(
      /bucket of the reports is not versioned.*versioned: true/,
    );
    const versioned = new Bucket(stack, 'Versioned', { versioned: true }) as IBucket;
    expect(() => auditorIn(stack, { bucket: versioned }, '', 'Second')).not.toThrow();
    const known = Bucket.fromBucketName(stack, 'Known', 'reports');
    expect(() => auditorIn(stack, { bucket: known }, 'deployment: { name: Other }', 'Other')).not.toThrow();
  });

  test('a signing key that cannot sign is refused', () => {
    const stack = aStack();
    expect(() => auditorIn(stack, { signingKey: new Key(stack, 'Symmetric') as IKey })).toThrow(
      /signingKey must be of the kind ECC_NIST_P256 .*KeySpec\.ECC_NIST_P256/,
    );
    const asymmetric = new Key(stack, 'Asymmetric', {
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
    }) as IKey;
    expect(() => auditorIn(stack, { signingKey: asymmetric }, '', 'Second')).not.toThrow();
  });

  test('settings that are missing, as JavaScript allows, are named', () => {
    const nothing: Partial<EksDriftAuditorProps> = {};
    expect(() => new EksDriftAuditor(aStack(), 'Auditor', nothing as EksDriftAuditorProps)).toThrow(
      'settings is missing: give what readSettings(FILE) or settingsFrom(OBJECT) returns.',
    );
  });

  test('a second auditor of the same name in one account is refused: its roles would be the same', () => {
    const stack = aStack();
    auditorIn(stack);
    expect(() => auditorIn(stack, {}, '', 'Second')).toThrow(
      'Two auditors in one account are named EksDriftAuditor, and so are their roles: set another deployment.name for one of them.',
    );
    expect(() => auditorIn(stack, {}, 'deployment: { name: Other }', 'Third')).not.toThrow();
    const app = new App();
    auditorIn(aStack(app, '111122223333'));
    expect(() => auditorIn(aStack(app, '111122223333'))).toThrow(/Two auditors in one account/);
    expect(() => auditorIn(aStack(app, '444455556666'))).not.toThrow();
  });
});

test('a cluster that is added twice has one access entry', () => {
  const stack = aStack();
  const auditor = auditorIn(
    stack,
    {},
    'measure: { writableLayer: kubelet }\ndeployment: { accessEntries: [prod-1] }',
  );
  expect(auditor.addCluster('prod-1')).toBe(auditor.addCluster('prod-1'));
  Template.fromStack(stack).resourceCountIs('AWS::EKS::AccessEntry', 2);
});

describe('settings in whose place the app gives an object', () => {
  const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  test.each<[string, string, (stack: Stack) => Given]>([
    ['kmsKeyArn', `deployment: { kmsKeyArn: "${KEY}" }`, (stack) => ({ key: new Key(stack, 'Key') as IKey })],
    [
      'signing',
      `deployment: { signing: "${KEY}" }`,
      (stack) => ({ signingKey: Key.fromKeyArn(stack, 'Key', KEY) }),
    ],
    [
      'objectLock',
      'deployment: { objectLock: { mode: governance, period: 30d } }',
      (stack) => ({ bucket: Bucket.fromBucketName(stack, 'B', 'reports') }),
    ],
    [
      'vpc',
      'deployment: { vpc: { id: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0] } }',
      (stack) => ({ vpc: { vpc: new Vpc(stack, 'Vpc') as IVpc } }),
    ],
  ])('deployment.%s is said to have no effect', (name, yaml, given) => {
    const [both, alone] = [aStack(), aStack()];
    auditorIn(both, given(both), yaml);
    expect(warned(both)).toMatch(new RegExp(`deployment\\.${name} has no effect`));
    auditorIn(alone, {}, yaml);
    expect(warned(alone)).not.toContain('has no effect');
  });
});
