import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { grant } from '../../lib/iam/grant.ts';
import { UNSCOPED } from '../../lib/iam/unscoped.ts';
import { explained, unexplained } from '../../scripts/docs/deployed-stacks.ts';
import {
  EVERYTHING,
  FLEET,
  hub,
  hubStack,
  listOf,
  MEASURING,
  memberStack,
  ORGANIZATION,
  readable,
  resourcesOf,
  type Statement,
  statementsOf,
} from './deployed.ts';
import {
  EVERYTHING_ON,
  type Expected,
  FLEET_ON,
  IN_VPC,
  MEASURING_ON,
  MEMBER,
  ORGANIZATION_ON,
  PULLING,
  SINGLE,
} from './expected-permissions.ts';

const lines = (statements: readonly Statement[], effect: Statement['Effect']): readonly string[] =>
  statements
    .filter(({ Effect }) => Effect === effect)
    .flatMap(({ Action, Resource }) =>
      listOf(Action).flatMap((action) => listOf(Resource).map((one) => `${action} ${readable(one)}`)),
    );

const idsOf = (template: Template, type: string): readonly string[] =>
  Object.entries(resourcesOf(template)).flatMap(([id, { Type }]) => (Type === type ? [id] : []));

const CONFIGURATIONS = [
  { name: 'the default', template: hub(), expected: SINGLE },
  { name: 'everything', template: hub(EVERYTHING), expected: EVERYTHING_ON },
  { name: 'kubelets that are asked', template: hub(MEASURING), expected: MEASURING_ON },
  { name: 'a fleet', template: hub(FLEET), expected: FLEET_ON },
  { name: 'an organization', template: hub(ORGANIZATION), expected: ORGANIZATION_ON },
  {
    name: 'a member account',
    template: Template.fromStack(memberStack()),
    expected: MEMBER,
  },
] as const;

/** What each role is given, by its logical id without the hash. */
const givenIn = (template: Template): ReadonlyMap<string, readonly string[]> =>
  new Map(
    idsOf(template, 'AWS::IAM::Role').map((id) => [nameOf(id), lines(statementsOf(template, id), 'Allow')]),
  );

const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

interface Mutant {
  readonly template: Template;
  /** What nobody has any more: the names of the tests that must fail. */
  readonly lost: readonly string[];
}

/** The template without one action of one statement, for each there is. */
function* withoutOneAction(template: Template): Generator<Mutant> {
  for (const [id, { Type, Properties }] of Object.entries(resourcesOf(template))) {
    if (Type !== 'AWS::IAM::Policy') continue;
    const roles = (Properties['Roles'] as readonly { readonly Ref: string }[]).map(({ Ref }) => nameOf(Ref));
    const { Statement: statements } = Properties['PolicyDocument'] as { Statement: readonly Statement[] };
    for (const [at, statement] of statements.entries()) {
      if (statement.Effect !== 'Allow') continue;
      for (const action of listOf(statement.Action)) {
        const json = structuredClone(template.toJSON()) as {
          Resources: Record<string, { Properties: { PolicyDocument: { Statement: Statement[] } } }>;
        };
        const actions = listOf(statement.Action).filter((other) => other !== action);
        json.Resources[id]?.Properties.PolicyDocument.Statement.splice(at, 1, {
          ...statement,
          Action: actions,
        });
        const resources = listOf(statement.Resource).map(readable);
        const lost = roles.flatMap((role) => resources.map((one) => `${role} may ${action} ${one}`));
        yield { template: Template.fromJSON(json), lost };
      }
    }
  }
}

test('where scans are not asked for, no role may ask for them', () => {
  const may = (yaml: string): string => [...givenIn(hub(yaml)).values()].flat().join('\n');
  expect(may('images: { scans: auto }')).toMatch(
    /GetRegistryScanningConfiguration[\s\S]*inspector2:ListCoverage/,
  );
  expect(may('images: { scans: off }')).not.toMatch(/Scanning|inspector2/);
  expect(may('images: { scans: off }')).toContain('ecr:DescribePullThroughCacheRules');
});

describe.each(CONFIGURATIONS)('with $name', ({ template, expected }) => {
  const roles = idsOf(template, 'AWS::IAM::Role');
  const given = givenIn(template);
  const wanted = Object.entries<Expected>(expected);

  test('the template has the expected roles and no others', () => {
    expect([...given.keys()].sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(wanted.flatMap(([role, permissions]) => permissions.map((line) => [role, line] as const)))(
    '%s may %s',
    (role, permission) => {
      expect(given.get(role)).toContain(permission);
    },
  );

  test('the loss of any single permission fails a test with its name', () => {
    const wants = wanted.flatMap(([role, permissions]) => permissions.map((line) => ({ role, line })));
    let mutants = 0;
    for (const { template: mutated, lost } of withoutOneAction(template)) {
      const left = givenIn(mutated);
      const failing = wants
        .filter(({ role, line }) => !left.get(role)?.includes(line))
        .map(({ role, line }) => `${role} may ${line}`);
      expect([...failing].sort()).toEqual([...lost].sort());
      mutants++;
    }
    expect(mutants).toBeGreaterThan(5);
  });

  test.each(wanted)('%s may do nothing beyond its expected permissions', (role, permissions) => {
    expect((given.get(role) ?? []).filter((line) => !permissions.includes(line))).toEqual([]);
  });

  test('no action holds a wildcard', () => {
    const actions = [...given.values()].flat().map((line) => line.split(' ')[0] ?? '');
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  test('permissions on all resources are listed with their reason', () => {
    const unscoped = [...given.values()].flat().filter((line) => line.endsWith(' *'));
    expect(unscoped.filter((line) => UNSCOPED[line.replace(' *', '')] === undefined)).toEqual([]);
  });

  test('no role has inline or managed policies in its own properties', () => {
    for (const id of roles) {
      const properties = Object.keys(resourcesOf(template)[id]?.Properties ?? {});
      expect(properties).not.toContain('Policies');
      expect(properties).not.toContain('ManagedPolicyArns');
    }
    expect(idsOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('every statement is named', () => {
    const all = roles.flatMap((id) => statementsOf(template, id));
    expect(all.filter(({ Sid }) => Sid === undefined)).toEqual([]);
  });
});

/** `folder/*` for each folder whose objects a role may get. */
const readFolders = (template: Template, id: string): readonly string[] =>
  lines(
    statementsOf(template, id).filter(({ Sid }) => Sid === 'ReadReports'),
    'Allow',
  ).map((line) => line.replace(/^s3:GetObject <[^>]+>\//, ''));

describe('conditions', () => {
  const reader = (yaml: string): readonly Statement[] => {
    const template = hub(yaml);
    const [id = ''] = idsOf(template, 'AWS::IAM::Role').filter((role) => role.startsWith('AuditorReader'));
    return statementsOf(template, id);
  };
  const conditionOf = (statements: readonly Statement[], sid: string): unknown =>
    statements.find(({ Sid }) => Sid === sid)?.Condition;

  test('clusters may be read in the configured regions only', () => {
    expect(conditionOf(reader(EVERYTHING), 'ListClusters')).toEqual({
      StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] },
    });
    expect(conditionOf(reader(''), 'DescribeCluster')).toEqual({
      StringEquals: { 'aws:RequestedRegion': [{ Ref: 'AWS::Region' }] },
    });
  });

  test('roles of unknown accounts may be assumed in the own organization only', () => {
    const own = { StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' } };
    expect(conditionOf(reader(ORGANIZATION), 'AssumeOrganizationRoles')).toEqual(own);
    expect(conditionOf(reader(ORGANIZATION), 'AssumeMeasuringRolesOfOrganization')).toEqual(own);
  });

  test('an organization is listed by the role that finds clusters, and by no other', () => {
    const template = hub(`${ORGANIZATION}deployment: { mode: fleet, securityHub: high }\n`);
    const listing = [...givenIn(template)].filter(([, all]) =>
      all.some((line) => line.startsWith('organizations:')),
    );
    expect(listing.map(([role]) => role)).toEqual(['AuditorRunDiscovery']);
  });

  test('the bucket may be listed only below the folders that are read', () => {
    for (const template of [hub(''), hub(FLEET)]) {
      const listing = idsOf(template, 'AWS::IAM::Role').flatMap((id) =>
        statementsOf(template, id)
          .filter(({ Action }) => listOf(Action).includes('s3:ListBucket'))
          .map(({ Condition }) => ({ role: nameOf(id), Condition, reads: readFolders(template, id) })),
      );
      expect(listing.length).toBeGreaterThan(1);
      for (const { role, Condition, reads } of listing) {
        expect({ role, Condition }).toEqual({ role, Condition: { StringLike: { 's3:prefix': reads } } });
      }
    }
  });

  test('the key may be used through S3, SNS and SQS only', () => {
    const condition = conditionOf(reader(''), 'UseKey') as { StringEquals: Record<string, unknown[]> };
    const services = condition.StringEquals['kms:ViaService'] ?? [];
    expect(services.map(readable)).toEqual([
      's3.<Region>.<URLSuffix>',
      'sns.<Region>.<URLSuffix>',
      'sqs.<Region>.<URLSuffix>',
    ]);
  });

  test('networks may be read in the configured regions, and only with egress.routing', () => {
    for (const sid of ['DescribeNetwork', 'ReadPrefixLists']) {
      expect(conditionOf(reader(EVERYTHING), sid)).toEqual({
        StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] },
      });
      expect(reader('egress: { routing: off }').find(({ Sid }) => Sid === sid)).toBeUndefined();
    }
    const template = Template.fromStack(memberStack());
    template.hasCondition('RoutingIsRead', { 'Fn::Equals': [{ Ref: 'Routing' }, 'read'] });
    template.hasParameter('Routing', { Default: 'read' });
    const conditional = Object.values(template.findResources('AWS::IAM::Policy'))
      .filter(({ Condition }) => Condition === 'RoutingIsRead')
      .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
    expect(conditional.map(({ Sid }) => Sid)).toEqual(['DescribeNetwork', 'ReadPrefixLists']);
  });

  test('each level of images.registry adds its rights to those before it', () => {
    const granted = (level: string): readonly string[] =>
      lines(reader(`images: { registry: ${level} }`), 'Allow').filter((line) =>
        /^(ecr|inspector2):/.test(line),
      );
    const [off, metadata, presence, collect] = ['off', 'metadata', 'sbom-presence', 'sbom-collect'].map(
      granted,
    );
    expect(off).toEqual([]);
    expect(metadata).not.toContainEqual(expect.stringMatching(/BatchGetImage|GetDownloadUrlForLayer/));
    expect(presence).toEqual(expect.arrayContaining([...(metadata ?? []), PULLING[0]]));
    expect(presence).not.toContain(PULLING[1]);
    expect(collect).toEqual(expect.arrayContaining([...(presence ?? []), PULLING[1]]));
    const template = Template.fromStack(memberStack());
    template.hasParameter('Registry', { Default: 'metadata' });
    const conditional = (condition: string): readonly string[] =>
      Object.values(template.findResources('AWS::IAM::Policy'))
        .filter(({ Condition }) => Condition === condition)
        .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
        .map(({ Sid }) => Sid ?? '');
    expect(conditional('ImagesAreDescribed')).toEqual(['DescribeImages', 'DescribeRegistries']);
    expect(conditional('ManifestsAreRead')).toEqual(['ReadManifests']);
    expect(conditional('ImagesAreRead')).toEqual(['ReadImages']);
    template.hasCondition('ImagesAreRead', { 'Fn::Equals': [{ Ref: 'Registry' }, 'sbom-collect'] });
  });

  test('only the logins that the configuration names may be read', () => {
    const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-AbCdEf';
    const statements = reader(`images: { registries: [{ host: ghcr.io, secretArn: "${secret}" }] }`);
    expect(statements.find(({ Sid }) => Sid === 'ReadRegistryLogins')?.Resource).toEqual(secret);
    expect(reader('').find(({ Sid }) => Sid === 'ReadRegistryLogins')).toBeUndefined();
  });

  test('a member account allows imports of findings only where its Security Hub is used', () => {
    const template = Template.fromStack(memberStack());
    template.hasCondition('SecurityHubIsOn', { 'Fn::Equals': [{ Ref: 'SecurityHub' }, 'on'] });
    template.hasParameter('SecurityHub', { Default: 'off' });
    const conditional = Object.values(template.findResources('AWS::IAM::Policy'))
      .filter(({ Condition }) => Condition === 'SecurityHubIsOn')
      .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
    expect(conditional.map(({ Action }) => Action)).toEqual(['securityhub:BatchImportFindings']);
    expect(conditional[0]?.Condition).toEqual({
      StringEquals: { 'aws:RequestedRegion': { Ref: 'Regions' } },
    });
  });

  test('the code of a function in a VPC is denied the network permissions that only Lambda itself uses', () => {
    const denied = reader(EVERYTHING).filter(({ Effect }) => Effect === 'Deny');
    const read = 'ec2:DescribeNetworkInterfaces *';
    expect(lines(denied, 'Deny')).toEqual(IN_VPC.filter((line) => line !== read));
    const off = reader(`${EVERYTHING}egress: { routing: off }\n`);
    expect(
      lines(
        off.filter(({ Effect }) => Effect === 'Deny'),
        'Deny',
      ),
    ).toEqual(IN_VPC);
    expect(denied[0]?.Condition).toEqual({
      ArnEquals: {
        'lambda:SourceFunctionArn': [
          { 'Fn::GetAtt': [expect.stringMatching(/^AuditorRunAuditFunction/), 'Arn'] },
        ],
      },
    });
  });
});

describe('who may take a role on', () => {
  const trustOf = (template: Template): readonly unknown[] =>
    idsOf(template, 'AWS::IAM::Role').map(
      (id) => resourcesOf(template)[id]?.Properties['AssumeRolePolicyDocument'],
    );

  test('roles of the hub may be assumed by Lambda and the chat, and by Scheduler and Step Functions for this account only', () => {
    const documents = JSON.stringify(trustOf(hub(FLEET)));
    expect(new Set(documents.match(/[a-z]+\.amazonaws\.com/g))).toEqual(
      new Set([
        'chatbot.amazonaws.com',
        'lambda.amazonaws.com',
        'scheduler.amazonaws.com',
        'states.amazonaws.com',
      ]),
    );
    for (const statement of trustOf(hub(FLEET)).flatMap(
      (document) => (document as { Statement: unknown[] }).Statement,
    )) {
      const { Principal, Condition } = statement as { Principal: { Service: string }; Condition?: object };
      if (Principal.Service === 'lambda.amazonaws.com') continue;
      // The role of the chat grants nothing, and AWS does not say which conditions that service meets.
      if (Principal.Service === 'chatbot.amazonaws.com') continue;
      expect(Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
    }
  });

  test('the role of a member account may be assumed by the three roles of the hub, with the external id and their tag', () => {
    const [document] = trustOf(Template.fromStack(memberStack())) as [{ Statement: unknown[] }];
    const roles = ['', 'Discovery', 'Sender'].map((suffix) => ({
      'Fn::Sub': [
        `arn:\${AWS::Partition}:iam::\${account}:role/\${name}${suffix}`,
        { account: { Ref: 'HubAccountId' }, name: { Ref: 'HubName' } },
      ],
    }));
    const condition = (more: object) => ({
      StringEquals: { ...more, 'aws:RequestTag/application': 'eks-drift-auditor' },
      ArnEquals: { 'aws:PrincipalArn': roles },
    });
    const root = {
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'HubAccountId' }, ':root']],
    };
    const allow = { Effect: 'Allow', Principal: { AWS: root } };
    expect(document.Statement).toEqual([
      {
        ...allow,
        Action: 'sts:AssumeRole',
        Condition: condition({ 'sts:ExternalId': { Ref: 'ExternalId' } }),
      },
      { ...allow, Action: 'sts:TagSession', Condition: condition({}) },
    ]);
  });
});

describe('the list of what cannot be scoped', () => {
  test('the list of actions that cannot be scoped has no action that is not granted', () => {
    const granted = CONFIGURATIONS.flatMap(({ expected }) => Object.values<Expected>(expected).flat());
    expect(Object.keys(UNSCOPED).filter((action) => !granted.includes(`${action} *`))).toEqual([]);
  });

  test('each action that cannot be scoped has a reason', () => {
    for (const reason of Object.values(UNSCOPED)) expect(reason).toMatch(/^(AWS|Lambda) .+\.$/);
  });
});

describe('reasons', () => {
  const stacks = { hub: hubStack(MEASURING), fleet: hubStack(FLEET), member: memberStack() };

  test.each(Object.entries(stacks))(
    'every resource and every statement of the %s has a reason',
    (_, stack) => {
      const resources = explained(stack);
      expect(resources.flatMap(({ statements }) => statements).length).toBeGreaterThan(5);
      expect(unexplained(resources)).toEqual([]);
    },
  );

  test('a resource and a statement without a reason are named', () => {
    const stack = new Stack(new App(), 'S');
    const role = new Role(stack, 'R', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ sid: 'Odd', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/k'] }),
    );
    expect(unexplained(explained(stack))).toEqual([
      expect.stringMatching(/^R\w+ \(AWS::IAM::Role\) has no reason\.$/),
      expect.stringMatching(/^Odd of RDefaultPolicy\w+ \(AWS::IAM::Policy\) has no reason\.$/),
    ]);
  });
});

describe('granting', () => {
  const role = () => {
    const stack = new Stack(new App(), 'S');
    return new Role(stack, 'R', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  };
  const attempt = (permission: Parameters<typeof grant>[3][number]) => () => {
    const one = role();
    grant(one, 'P', one, [permission]);
  };

  test('granting without a reason is refused', () => {
    expect(
      attempt({ sid: 'X', reason: '', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b'] }),
    ).toThrow(/X has no reason/);
  });

  test('granting a wildcard in an action is refused', () => {
    expect(
      attempt({ sid: 'X', reason: 'It is needed.', actions: ['s3:Get*'], resources: ['arn:aws:s3:::b'] }),
    ).toThrow(/wildcards in its actions: s3:Get\*/);
  });

  test('granting a wildcard in a resource without a reason is refused, and so is a reason without a wildcard', () => {
    expect(
      attempt({ sid: 'X', reason: 'It is needed.', actions: ['s3:GetObject'], resources: ['*'] }),
    ).toThrow(/needs a reason/);
    expect(
      attempt({
        sid: 'X',
        reason: 'It is needed.',
        actions: ['s3:GetObject'],
        resources: ['a'],
        wildcard: 'why',
      }),
    ).toThrow(/no wildcard/);
  });
});
