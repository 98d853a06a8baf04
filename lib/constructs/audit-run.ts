import { Duration, Stack } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Deployment } from '../../lambda/config/config.ts';
import { askedServices } from '../iam/endpoint-services.ts';
import type { Permission } from '../iam/grant.ts';
import { rolesTakenOn } from '../iam/read-clusters.ts';
import { readConfigObject } from '../iam/read-config-object.ts';
import { ALSO_DONE_BY_CODE, readNetworkBesides } from '../iam/read-network.ts';
import { RunPermissions } from '../iam/run-permissions.ts';
import type { Settings } from '../settings.ts';
import { auditEnvironment } from './audit-environment.ts';
import { AuditFunction, type FunctionSettings } from './audit-function.ts';
import type { ScheduleTarget } from './audit-schedule.ts';
import { auditorRole, roleNames } from './auditor-role.ts';
import { adviseEndpoints } from './endpoint-advice.ts';
import { FleetStateMachine } from './fleet-state-machine.ts';
import type { Network } from './network.ts';
import { SigningKey } from './signing-key.ts';
import { VpcEndpoints } from './vpc-endpoints.ts';

export interface AuditRunProps {
  readonly settings: Settings;
  readonly key: IKey;
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  /** With `deployment.chat`. */
  readonly chatTopic: ITopic | undefined;
  readonly undelivered: IQueue;
  /** Signs in to clusters. */
  readonly reader: Role;
  readonly network?: Network | undefined;
  /** Signs the records. @default `deployment.signing` */
  readonly signingKey?: IKey | undefined;
  /** @default the handlers are bundled */
  readonly code?: Code | undefined;
}

/** The longest that Lambda gives: an audit that needs more belongs into the mode fleet. */
const LONGEST = Duration.minutes(15);

/** What runs the audit, and how it is started: one function, or a fleet of them. */
export class AuditRun extends Construct {
  readonly functions: readonly IFunction[];
  readonly target: ScheduleTarget;
  readonly stateMachine: StateMachine | undefined;
  readonly timeout = LONGEST;
  /** `undefined`: records are not signed. */
  readonly signingKey: IKey | undefined;
  /** Of the function that ends a run, and signs its record. */
  readonly #signer: Role;
  readonly #permissions: RunPermissions;
  readonly #props: AuditRunProps;

  constructor(scope: Construct, id: string, props: AuditRunProps) {
    super(scope, id);
    this.#props = props;
    const { deployment } = props.settings;
    this.#signer =
      deployment.mode === 'single'
        ? props.reader
        : auditorRole(this, 'Sender', {
            roleName: roleNames(deployment.name).sender,
            description: 'Builds the digest and sends it',
          });
    this.signingKey = props.signingKey ?? this.#makeSigningKey(deployment.signing);
    this.#permissions = new RunPermissions({
      ...props,
      inVpc: props.network !== undefined,
      signingKey: this.signingKey,
    });
    if (deployment.mode === 'single') {
      const single = this.#single();
      this.functions = [single];
      this.target = { arn: single.functionArn, action: 'lambda:InvokeFunction' };
      return;
    }
    const { discover, audit, digest } = this.#fleet();
    this.functions = [discover, audit, digest];
    this.stateMachine = new FleetStateMachine(this, 'Fleet', {
      discover,
      audit,
      digest,
      bucket: props.bucket,
      key: props.key,
      concurrency: deployment.concurrency,
      logsRetention: deployment.retention.logs,
      name: deployment.name,
    }).stateMachine;
    this.target = { arn: this.stateMachine.stateMachineArn, action: 'states:StartExecution' };
  }

  #makeSigningKey(signing: Deployment['signing']): IKey | undefined {
    if (signing === 'off') return undefined;
    const existingKeyArn = signing === 'on' ? undefined : signing;
    return new SigningKey(this, 'Signing', { existingKeyArn, signer: this.#signer }).key;
  }

  #single(): IFunction {
    const { reader, network, settings } = this.#props;
    return this.#function('Audit', {
      handler: 'scheduled-audit',
      description: 'Audits all clusters and sends the digest',
      role: reader,
      permissions: this.#permissions.single(),
      memory: settings.deployment.memory,
      network,
      // Two runs at once would compare with the same past.
      ...(settings.deployment.reserveConcurrency ? { reservedConcurrency: 1 } : {}),
    });
  }

  #fleet(): { readonly discover: IFunction; readonly audit: IFunction; readonly digest: IFunction } {
    const { settings, reader, network } = this.#props;
    const { deployment } = settings;
    const discovery = auditorRole(this, 'Discovery', {
      roleName: roleNames(deployment.name).discovery,
      description: 'Finds EKS clusters',
    });
    return {
      discover: this.#function('Discover', {
        handler: 'discover-clusters',
        description: 'Finds the clusters to audit',
        role: discovery,
        permissions: this.#permissions.discover(),
        memory: 512,
      }),
      audit: this.#function('AuditCluster', {
        handler: 'audit-cluster',
        description: 'Audits one cluster and records it',
        role: reader,
        permissions: this.#permissions.audit(),
        memory: deployment.memory,
        network,
        ...(deployment.reserveConcurrency ? { reservedConcurrency: deployment.concurrency } : {}),
      }),
      digest: this.#function('SendDigest', {
        handler: 'send-digest',
        description: 'Sends the digest of all clusters and ends the run',
        role: this.#signer,
        permissions: this.#permissions.digest(),
        // For its processor: what it holds grows with clusters, and not with what they have.
        memory: Math.max(1769, deployment.memory),
      }),
    };
  }

  /** Makes the endpoints that the function needs in its VPC, or says which ones these are. */
  #endpoints(network: Network, role: Role, permissions: readonly Permission[]): string | undefined {
    const { settings } = this.#props;
    const asked = askedServices(permissions);
    adviseEndpoints(this, { settings, network, asked, region: Stack.of(this).region });
    if (network.endpoints === 'off') return undefined;
    return new VpcEndpoints(this, 'Endpoints', {
      network,
      permissions: [
        ...permissions,
        ...(settings.config.egress.routing === 'off' ? [] : [readNetworkBesides()]),
      ],
      role,
      ...rolesTakenOn(settings.config),
    }).urls;
  }

  #function(
    id: string,
    props: Pick<
      ConstructorParameters<typeof AuditFunction>[2],
      'handler' | 'description' | 'role' | 'permissions' | 'memory' | 'network' | 'reservedConcurrency'
    >,
  ): IFunction {
    const { settings, key, undelivered, code } = this.#props;
    const shared: FunctionSettings = {
      key,
      logsRetention: settings.deployment.retention.logs,
      configText: settings.configText,
      undelivered,
      code,
    };
    const { configObject } = settings.deployment;
    const permissions = [
      ...props.permissions,
      ...(configObject === null ? [] : [readConfigObject(configObject)]),
    ];
    const vpcEndpoints =
      props.network === undefined ? undefined : this.#endpoints(props.network, props.role, permissions);
    return new AuditFunction(this, id, {
      ...props,
      permissions,
      settings: shared,
      alsoForCode: settings.config.egress.routing === 'read' ? ALSO_DONE_BY_CODE : [],
      environment: auditEnvironment({
        ...this.#props,
        deployment: settings.deployment,
        signingKey: props.role === this.#signer ? this.signingKey : undefined,
        vpcEndpoints,
      }),
      timeout: LONGEST,
      // The fleet's state machine repeats by itself; nobody else invokes its functions.
      retries: settings.deployment.mode === 'single' ? 2 : 0,
    }).function;
  }
}
