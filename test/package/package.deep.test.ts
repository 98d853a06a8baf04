import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NODE, synthesise } from '../support/synthesised-functions.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const execute = promisify(execFile);

/** An app elsewhere, which has the package as `npm pack` makes it, and a CDK that is its own. */
let app: string;

const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Ec2Action, Ec2InstanceAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { type AuditedAccount, addAccount, EksDriftAuditor, type EksDriftAuditorProps, MemberStack, settingsFrom } from 'eks-drift-auditor';

const app = new App();
const stack = new Stack(app, 'Mine');
const key = new Key(stack, 'MyKey');
const vpc = new Vpc(stack, 'MyVpc', { maxAzs: 2 });
const accounts: readonly AuditedAccount[] = [{ id: '444455556666', externalId: 'drift-1', regions: ['eu-west-1'] }];
const props: EksDriftAuditorProps = {
  settings: accounts.reduce(addAccount, settingsFrom({ limits: { podMaxAge: '7d' }, deployment: { name: 'Theirs' } })),
  key,
  bucket: new Bucket(stack, 'MyBucket', { versioned: true, encryptionKey: key }),
  digestTopic: new Topic(stack, 'MyTopic', { masterKey: key }),
  vpc: {
    vpc,
    clusterSecurityGroups: [new SecurityGroup(stack, 'OfTheCluster', { vpc })],
    endpoints: 'create',
    routeTables: vpc.privateSubnets.map(({ routeTable }) => routeTable.routeTableId),
  },
  alarmActions: [new Ec2Action(Ec2InstanceAction.REBOOT)],
};
const auditor = new EksDriftAuditor(stack, 'Auditor', props);
auditor.addCluster('prod-1');
auditor.grantReadReports(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('quicksight.amazonaws.com') }));
new Alarm(stack, 'ManyNew', { metric: auditor.metric('NewFindings'), threshold: 10, evaluationPeriods: 1 });
new MemberStack(app, 'Member');
app.synth();
`;

beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), 'app that uses the package-'));
  const { stdout } = await execute('npm', ['pack', '--silent', '--pack-destination', app], { cwd: ROOT });
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "type": "module", "private": true }\n');
  const tarball = join(app, stdout.trim().split('\n').at(-1) ?? '');
  // Offline: the package needs no other one at run time.
  await execute('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: app });
  for (const peer of ['aws-cdk-lib', 'constructs']) {
    symlinkSync(join(ROOT, 'node_modules', peer), join(app, 'node_modules', peer));
  }
});

afterAll(() => rmSync(app, { recursive: true }));

const inPackage = (name: string): string => join(app, 'node_modules', 'eks-drift-auditor', name);
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('the package in another CDK app', () => {
  test('gives constructs that compile strictly and take the objects of the app', async () => {
    writeFileSync(join(app, 'app.ts'), APP);
    const options = { module: 'nodenext', target: 'esnext', strict: true, noEmit: true, types: [] };
    writeFileSync(
      join(app, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, skipLibCheck: false } }),
    );
    await execute(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', app], { cwd: app });

    const out = join(app, 'cdk.out');
    // Without its types, which Node.js leaves out by itself.
    await execute(NODE, ['--no-warnings', join(app, 'app.ts')], {
      cwd: app,
      env: { ...process.env, CDK_OUTDIR: out },
    });
    const { Resources } = json(join(out, 'Mine.template.json'));
    const of = (type: string): readonly { readonly Properties: Record<string, unknown> }[] =>
      Object.values<{ Type: string; Properties: Record<string, unknown> }>(Resources).filter(
        ({ Type }) => Type === type,
      );
    // The key that encrypts is the app's; the one that signs records is made, since no key can do both.
    expect(of('AWS::KMS::Key').map(({ Properties }) => Properties['KeyUsage'])).toEqual([
      undefined,
      'SIGN_VERIFY',
    ]);
    expect(of('AWS::S3::Bucket')).toHaveLength(1);
    expect(of('AWS::SNS::Topic')).toHaveLength(1);
    expect(of('AWS::EKS::AccessEntry')).toHaveLength(1);
    expect(of('AWS::EC2::VPCEndpoint')).toHaveLength(8);
    const audit = of('AWS::Lambda::Function').find(({ Properties }) => Properties['VpcConfig'] !== undefined);
    const { S3Key = '' } = (audit?.Properties['Code'] ?? {}) as { readonly S3Key?: string };
    const asset = join(out, `asset.${S3Key.replace(/\.zip$/, '')}`);
    // The configuration that was validated is what the function reads.
    expect(readFileSync(join(asset, 'audit.config.yaml'), 'utf8')).toContain('podMaxAge: 7d');
  });

  test('brings the handlers that a deployment from the checkout bundles, byte for byte', async () => {
    const tasks = await synthesise({ folder: app, mode: 'single', yaml: '{}\n' });
    const bundled = readFileSync(
      join(tasks.get('Audits all clusters and sends the digest') ?? '', 'index.mjs'),
    );
    expect(readFileSync(inPackage('dist/handlers/scheduled-audit/index.mjs')).equals(bundled)).toBe(true);
  });

  test('gives the command line, which audits the sample', async () => {
    const command = join(app, 'node_modules', '.bin', 'eks-drift-audit');
    const { stdout } = await execute(
      NODE,
      [command, 'audit', '--sample', '--fail-on', 'never', '--allow-incomplete', '-o', 'json'],
      {
        cwd: app,
        maxBuffer: 1e8,
      },
    );
    expect(JSON.parse(stdout).summary.clusters.audited).toBe(2);
  });

  test('lists every package that its bundles are made of, with its licence', () => {
    const { bomFormat, components } = json(inPackage('dist/sbom.cdx.json'));
    expect(bomFormat).toBe('CycloneDX');
    const names: readonly string[] = components.map(({ name }: { readonly name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['undici', 'zod', '@aws-sdk/client-eks']));
    expect(names).not.toContain('aws-cdk-lib');
    const legal = readFileSync(inPackage('dist/THIRD_PARTY_LICENSES.txt'), 'utf8');
    for (const { name, version } of components) expect(legal).toContain(`${name} ${version} (`);
  });

  test('needs nothing but the CDK, and that only for its constructs', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = json(inPackage('package.json'));
    expect(dependencies).toBeUndefined();
    expect(Object.keys(peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
    expect(Object.values(peerDependenciesMeta)).toEqual([{ optional: true }, { optional: true }]);
  });
});
