import type { AuthorizationRequest } from './recorded-calls.ts';
import { nameOf, type Place, resolver, type Template } from './resolve-template.ts';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly ItemReader?: { readonly Resource: string; readonly Parameters: Readonly<Record<string, string>> };
  readonly ItemProcessor?: { readonly States: Readonly<Record<string, State>> };
  readonly ResultWriter?: {
    readonly Resource: string;
    readonly Parameters: Readonly<Record<string, string>>;
  };
}

/**
 * What Step Functions asks for with the role of the state machine, by its definition. Step Functions is not under test
 * here, so that this is what AWS says it needs:
 * - functions: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 * - a distributed map, its items and its results: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 */
export function stateMachineCalls(template: Template, place: Place): readonly AuthorizationRequest[] {
  const { resolve, arnOf } = resolver(template, place);
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine')
    .flatMap(([, { Properties = {} }]) => {
      const { States } = JSON.parse(String(resolve(Properties['DefinitionString']))) as {
        readonly States: Readonly<Record<string, State>>;
      };
      const [id = ''] = (Properties['RoleArn'] as { readonly 'Fn::GetAtt': readonly string[] })['Fn::GetAtt'];
      const name = String(resolve(Properties['StateMachineName']));
      const { account, region } = place;
      const arn = (kind: string, rest: string): string =>
        `arn:aws:states:${region}:${account}:${kind}:${rest}`;
      const ask = (action: string, resource: string): AuthorizationRequest => ({
        role: arnOf(id),
        action,
        resource,
        context: { 'aws:RequestedRegion': region },
      });
      return Object.entries(States).flatMap(([state, one]) => callsOf(state, one, { name, arn, ask }));
    });
}

interface Asking {
  /** Of the state machine. */
  readonly name: string;
  readonly arn: (kind: string, rest: string) => string;
  readonly ask: (action: string, resource: string) => AuthorizationRequest;
}

function callsOf(state: string, one: State, asking: Asking): readonly AuthorizationRequest[] {
  const { name, arn, ask } = asking;
  if (one.Type === 'Task') {
    if (one.Resource !== 'arn:aws:states:::lambda:invoke') throw unknown(state, one.Resource);
    return [ask('lambda:InvokeFunction', String(one.Parameters?.['FunctionName']))];
  }
  if (one.Type !== 'Map') return [];
  const { ItemReader: reader, ResultWriter: writer } = one;
  if (reader?.Resource !== 'arn:aws:states:::s3:getObject') throw unknown(state, reader?.Resource);
  if (writer?.Resource !== 'arn:aws:states:::s3:putObject') throw unknown(state, writer?.Resource);
  const object = (parameters: Readonly<Record<string, string>>, key: string): string =>
    `arn:aws:s3:::${parameters['Bucket']}/${key}`;
  // States.Format('fleet/{}', $$.Execution.Name)
  const [, prefix = ''] = /'([^']+)'/.exec(writer.Parameters['Prefix.$'] ?? '') ?? [];
  const result = object(writer.Parameters, `${prefix.replace('{}', 'daily')}/0a1b/SUCCEEDED_0.json`);
  return [
    ask('s3:GetObject', object(reader.Parameters, 'runs/20261122T060000Z-0a1b2c3d/targets.json')),
    ...['GetObject', 'PutObject', 'ListMultipartUploadParts', 'AbortMultipartUpload'].map((action) =>
      ask(`s3:${action}`, result),
    ),
    ask('states:StartExecution', arn('stateMachine', name)),
    ...['DescribeExecution', 'StopExecution'].map((action) =>
      ask(`states:${action}`, arn('execution', `${name}/${state}:0a1b2c3d`)),
    ),
    ...Object.entries(one.ItemProcessor?.States ?? {}).flatMap(([inner, each]) =>
      callsOf(inner, each, asking),
    ),
  ];
}

const unknown = (state: string, resource: string | undefined): Error =>
  new Error(
    `test/e2e/iam/state-machine-calls.ts does not know ${resource} of the state ${nameOf(state)}: add it.`,
  );
