import {
  Aws,
  BootstraplessSynthesizer,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Fn,
  type IStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import { AccountPrincipal, type CfnPolicy, type CfnRole, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { MEASURE_ROLE, MEMBER_ROLE, STACK_NAME } from '../lambda/config/presets.ts';
import { SESSION_TAGS } from '../lambda/discover/accounts.ts';
import { REGISTRY_LEVELS, type RegistryLevel, reaches } from '../lambda/inventory/images.ts';
import { roleNames } from './constructs/auditor-role.ts';
import { measuringRole } from './constructs/measuring-role.ts';
import { grant } from './iam/grant.ts';
import { importFindings } from './iam/publish-digest.ts';
import { discoverInAccount } from './iam/read-clusters.ts';
import { readNetwork } from './iam/read-network.ts';
import { readRegistriesAt } from './iam/read-registries.ts';
import { explainStatement } from './reasons.ts';

export interface MemberStackProps {
  /** @default eks-drift-auditor: the role with which the hub finds and reads the clusters of this account */
  readonly description?: string;
  /** @default the id */
  readonly stackName?: string;
}

/**
 * What another account deploys to be audited: one role, which only the roles of the hub can take on, and only
 * with the external id. It has no assets, so that its template serves StackSets as it is.
 */
export class MemberStack extends Stack {
  constructor(scope: Construct, id: string, props: MemberStackProps = {}) {
    super(scope, id, {
      description:
        props.description ??
        'eks-drift-auditor: the role with which the hub finds and reads the clusters of this account',
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
      analyticsReporting: false,
      ...(props.stackName === undefined ? {} : { stackName: props.stackName }),
    });
    const parameters = memberParameters(this);
    const role = new Role(this, 'Role', {
      roleName: parameters.roleName,
      description: 'Finds EKS clusters and signs in to them; each cluster decides what it may read there.',
      assumedBy: hubRoles(parameters, { 'sts:ExternalId': parameters.externalId }),
    });
    // The external id belongs to the request for the role, not to that for its tags
    // (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required).
    role.assumeRolePolicy?.addStatements(
      new PolicyStatement({ actions: ['sts:TagSession'], principals: [hubRoles(parameters, {})] }),
    );
    explainTrust(role);
    grant(this, 'Discover', role, discoverInAccount(Aws.ACCOUNT_ID, parameters.regions));
    const network = grant(this, 'Network', role, readNetwork(parameters.regions));
    (network.node.defaultChild as CfnPolicy).cfnOptions.condition = new CfnCondition(this, 'RoutingIsRead', {
      expression: Fn.conditionEquals(parameters.routing, 'read'),
    });
    this.#registries(role, parameters.registry);
    const imports = grant(this, 'Import', role, [importFindings(parameters.regions)]);
    (imports.node.defaultChild as CfnPolicy).cfnOptions.condition = new CfnCondition(
      this,
      'SecurityHubIsOn',
      {
        expression: Fn.conditionEquals(parameters.securityHub, 'on'),
      },
    );
    new CfnOutput(this, 'RoleArn', {
      value: role.roleArn,
      description: 'Principal of the access entries of the clusters in this account.',
    });
    this.#measuring(parameters);
  }

  /** Each level of images.registry is a policy of its own, in addition to those before it. */
  #registries(role: Role, level: string): void {
    for (const least of REGISTRY_LEVELS) {
      const at = REGISTRY_LEVELS.filter((one) => reaches(one, least));
      const [id, condition] = REGISTRY_IDS[least];
      const policy = grant(this, id, role, readRegistriesAt(least));
      (policy.node.defaultChild as CfnPolicy).cfnOptions.condition = new CfnCondition(this, condition, {
        expression:
          at.length === 1
            ? Fn.conditionEquals(level, least)
            : Fn.conditionOr(...at.map((one) => Fn.conditionEquals(level, one))),
      });
    }
  }

  /** A role that kubelets may see the tokens of; only where they are asked. */
  #measuring(parameters: MemberParameters): void {
    const { externalId, measure, measureRoleName } = parameters;
    const measures = new CfnCondition(this, 'KubeletsAreAsked', {
      expression: Fn.conditionEquals(measure, 'kubelet'),
    });
    const readers = [HUB_ROLES.reader];
    const role = measuringRole(this, 'Measurer', {
      roleName: measureRoleName,
      assumedBy: hubRoles(parameters, { 'sts:ExternalId': externalId }, readers),
    });
    role.assumeRolePolicy?.addStatements(
      new PolicyStatement({
        actions: ['sts:TagSession'],
        principals: [hubRoles(parameters, {}, readers)],
      }),
    );
    explainTrust(role);
    (role.node.defaultChild as CfnRole).cfnOptions.condition = measures;
    new CfnOutput(this, 'MeasureRoleArn', {
      value: role.roleArn,
      description: 'Principal of the access entries for asking kubelets.',
      condition: measures,
    });
  }
}

/** By the keys of the two statements of {@link hubRoles}. */
function explainTrust(role: Role): void {
  const [tag] = Object.keys(SESSION_TAGS);
  const keys = `aws:RequestTag/${tag} aws:PrincipalArn`;
  explainStatement(
    role,
    `Allow sts:AssumeRole sts:ExternalId ${keys}`,
    'Only roles of the hub take it on, and only with the external id and the session tag.',
  );
  explainStatement(
    role,
    `Allow sts:TagSession ${keys}`,
    'The session tag, by which CloudTrail shows whose calls they are.',
  );
}

/** Of the policies, and of the conditions under which they are there. */
const REGISTRY_IDS: Readonly<Record<RegistryLevel, readonly [policy: string, condition: string]>> = {
  metadata: ['Images', 'ImagesAreDescribed'],
  'sbom-presence': ['Manifests', 'ManifestsAreRead'],
  'sbom-collect': ['ImageContents', 'ImagesAreRead'],
};

interface MemberParameters {
  readonly hubAccount: string;
  readonly hubName: string;
  readonly externalId: string;
  readonly roleName: string;
  readonly regions: readonly string[];
  readonly securityHub: string;
  readonly routing: string;
  readonly registry: string;
  readonly measure: string;
  readonly measureRoleName: string;
}

function memberParameters(stack: Stack): MemberParameters {
  const text = (id: string, description: string, allowedPattern: string, standard?: string): string =>
    new CfnParameter(stack, id, {
      description,
      allowedPattern,
      constraintDescription: description,
      ...(standard === undefined ? {} : { default: standard }),
    }).valueAsString;
  return {
    hubAccount: text('HubAccountId', 'Account that the hub is deployed in: 12 digits.', '[0-9]{12}'),
    hubName: text(
      'HubName',
      'deployment.name in the configuration of the hub.',
      '[A-Za-z][A-Za-z0-9-]{0,31}',
      STACK_NAME,
    ),
    externalId: text(
      'ExternalId',
      'The externalId of this account in the configuration of the hub.',
      '[\\w+=,.@:/-]{2,1224}',
    ),
    roleName: text(
      'RoleName',
      'The roleName of this account in the configuration of the hub.',
      '[\\w+=,.@-]{1,64}',
      MEMBER_ROLE,
    ),
    regions: new CfnParameter(stack, 'Regions', {
      type: 'CommaDelimitedList',
      description: 'The regions of this account in the configuration of the hub.',
    }).valueAsList,
    securityHub: new CfnParameter(stack, 'SecurityHub', {
      description:
        'Whether the hub imports findings into the Security Hub of this account: deployment.securityHub.',
      allowedValues: ['on', 'off'],
      default: 'off',
    }).valueAsString,
    routing: new CfnParameter(stack, 'Routing', {
      description: 'Whether the hub reads what VPCs route and filter: egress.routing.',
      allowedValues: ['read', 'off'],
      default: 'read',
    }).valueAsString,
    registry: new CfnParameter(stack, 'Registry', {
      description:
        'How much the hub asks ECR of this account about images: images.registry. sbom-presence and sbom-collect may pull images.',
      allowedValues: ['off', ...REGISTRY_LEVELS],
      default: 'metadata',
    }).valueAsString,
    measure: new CfnParameter(stack, 'Measure', {
      description:
        'Whether the hub asks kubelets how much containers wrote: kubelet if measure.writableLayer is.',
      allowedValues: ['kubelet', 'off'],
      default: 'off',
    }).valueAsString,
    measureRoleName: text(
      'MeasureRoleName',
      'measure.roleName in the configuration of the hub.',
      '[\\w+=,.@-]{1,64}',
      MEASURE_ROLE,
    ),
  };
}

const HUB_ROLES = roleNames('${name}');

/** The account of the hub, and of its principals only its roles: by condition, so that the hub may come later. */
function hubRoles(
  { hubAccount, hubName }: MemberParameters,
  conditions: Readonly<Record<string, string>>,
  names: readonly string[] = Object.values(HUB_ROLES),
) {
  const [[tag, value] = ['', '']] = Object.entries(SESSION_TAGS);
  return new AccountPrincipal(hubAccount).withConditions({
    StringEquals: { ...conditions, [`aws:RequestTag/${tag}`]: value },
    ArnEquals: {
      'aws:PrincipalArn': names.map((name) =>
        Fn.sub(`arn:\${AWS::Partition}:iam::\${account}:role/${name}`, {
          account: hubAccount,
          name: hubName,
        }),
      ),
    },
  });
}
