import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, type Code, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { type ILogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { grant, type Permission } from '../iam/grant.ts';
import { DENIED_TO_CODE, runFunction, runInVpc } from '../iam/run-function.ts';
import { explain, explainStatement } from '../reasons.ts';
import type { Handler } from './handler-bundle.ts';
import { handlerCode } from './handler-code.ts';
import { heapOptions } from './heap-options.ts';
import { logRetention } from './log-retention.ts';
import type { Network } from './network.ts';

/** What all functions of one deployment share. */
export interface FunctionSettings {
  readonly key: IKey;
  /** Milliseconds. */
  readonly logsRetention: number;
  /** The configuration that is put beside the code: code and configuration change together. */
  readonly configText: string;
  /** Gets what an asynchronous invocation could not do. */
  readonly undelivered: IQueue;
  /**
   * In the place of bundling, for tests of templates.
   * @default the handler as {@link handlerCode} gives it
   */
  readonly code?: Code | undefined;
}

export interface AuditFunctionProps {
  readonly settings: FunctionSettings;
  readonly handler: Handler;
  readonly description: string;
  readonly role: Role;
  /** What the code may do; what every function needs is added. */
  readonly permissions: readonly Permission[];
  readonly environment: Readonly<Record<string, string>>;
  /** MiB */
  readonly memory: number;
  readonly timeout: Duration;
  /** @default not limited */
  readonly reservedConcurrency?: number | undefined;
  /** @default outside of any VPC */
  readonly network?: Network | undefined;
  /**
   * Of what Lambda does in the VPC with the role, what the code does itself.
   * @default nothing
   */
  readonly alsoForCode?: readonly string[];
  /** How often an asynchronous invocation that failed is repeated. */
  readonly retries: 0 | 1 | 2;
}

/** One handler as a function: bundled whole, traced, with its own log group and no more rights than it names. */
export class AuditFunction extends Construct {
  readonly function: IFunction;
  readonly logGroup: ILogGroup;

  constructor(scope: Construct, id: string, props: AuditFunctionProps) {
    super(scope, id);
    const { settings, handler, role, network } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      encryptionKey: settings.key,
      retention: logRetention(settings.logsRetention) as RetentionDays,
      // Of a deployment that failed at once nothing was logged.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.logGroup = explain(logGroup, `The log of the function that ${lowerFirst(props.description)}.`);
    const policies = [
      grant(this, 'Run', role, [
        ...runFunction({ logGroup, undelivered: settings.undelivered }),
        ...(network ? [runInVpc()] : []),
      ]),
      grant(this, 'Work', role, props.permissions),
    ];
    const made = new NodejsFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      // A fifth cheaper for the same work.
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      role: role.withoutPolicyUpdates(),
      memorySize: props.memory,
      timeout: props.timeout,
      tracing: Tracing.ACTIVE,
      logGroup,
      environment: {
        NODE_OPTIONS: heapOptions(props.memory).join(' '),
        // https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
        ...(network?.ipv6 === 'only' ? { AWS_USE_DUALSTACK_ENDPOINT: 'true' } : {}),
        ...props.environment,
      },
      retryAttempts: props.retries,
      deadLetterQueue: settings.undelivered,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...placement(network),
      ...(settings.code === undefined ? handlerCode(handler, settings.configText) : { code: settings.code }),
      awsSdkConnectionReuse: false,
    });
    explain(made, `How often Lambda repeats an event of the function that ${lowerFirst(props.description)}.`);
    for (const policy of policies) made.node.addDependency(policy);
    if (network) denyToCode(role, made, props.alsoForCode ?? []);
    this.function = made;
  }
}

const placement = (network: Network | undefined) =>
  network === undefined
    ? {}
    : {
        vpc: network.vpc,
        ...(network.ipv6 === 'off' ? {} : { ipv6AllowedForDualStack: true }),
        vpcSubnets: { subnets: [...network.subnets] },
        securityGroups: [network.securityGroup],
      };

/**
 * What Lambda does in the VPC with the role of the function, its code must not.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
 */
function denyToCode(role: Role, made: NodejsFunction, except: readonly string[]): void {
  // It names the function, which needs the role: so it is a policy beside both.
  const policy = new Policy(made, 'DeniedToCode', {
    roles: [role],
    statements: [
      new PolicyStatement({
        sid: 'DenyToCode',
        effect: Effect.DENY,
        actions: DENIED_TO_CODE.filter((action) => !except.includes(action)),
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': [made.functionArn] } },
      }),
    ],
  });
  explainStatement(policy, 'DenyToCode', 'What Lambda does in the VPC with this role, its code must not.');
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
