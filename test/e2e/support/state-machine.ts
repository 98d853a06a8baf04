import { randomUUID } from 'node:crypto';
import type { AwsServices } from '../environment/aws-services.ts';

export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output: unknown;
  readonly error: string | null;
  /** Of the standard workflow: types and names of what happened. */
  readonly history: readonly { readonly type: string; readonly name: string | null }[];
}

/** Executes a definition in the Amazon States Language and waits for its end. */
export async function execute(
  aws: AwsServices,
  { name, definition, input }: { readonly name: string; readonly definition: object; readonly input: object },
): Promise<Execution> {
  await configure(aws);
  const call = caller(aws);
  const { stateMachineArn } = await call<{ stateMachineArn: string }>('CreateStateMachine', {
    name,
    // The grammar of the interpreter takes percentages only with a decimal point; to AWS both are numbers.
    definition: JSON.stringify(definition).replace(/(Percentage":\d+)([,}])/g, '$1.0$2'),
    roleArn: `arn:aws:iam::${aws.accountId}:role/fleet`,
  });
  const { executionArn } = await call<{ executionArn: string }>('StartExecution', {
    stateMachineArn,
    // Step Functions makes one where none is given; moto leaves it empty in the context object then.
    name: randomUUID(),
    input: JSON.stringify(input),
  });
  for (;;) {
    const { status, output, error } = await call<{ status: string; output?: string; error?: string }>(
      'DescribeExecution',
      { executionArn },
    );
    if (status === 'RUNNING') {
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    const { events } = await call<{ events: readonly HistoryEvent[] }>('GetExecutionHistory', {
      executionArn,
      maxResults: 1000,
    });
    return {
      status: status as Execution['status'],
      output: output === undefined ? null : JSON.parse(output),
      error: error ?? null,
      history: events.map(({ type, stateEnteredEventDetails }) => ({
        type,
        name: stateEnteredEventDetails?.name ?? null,
      })),
    };
  }
}

interface HistoryEvent {
  readonly type: string;
  readonly stateEnteredEventDetails?: { readonly name: string };
}

/** Else moto only keeps definitions. */
async function configure(aws: AwsServices): Promise<void> {
  const response = await fetch(`${aws.url}/moto-api/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }),
  });
  if (!response.ok) throw new Error(`State machines cannot be executed: ${await response.text()}`);
}

const caller =
  (aws: AwsServices) =>
  async <Answer>(action: string, input: object): Promise<Answer> => {
    const { status, body } = await aws.request({
      service: 'states',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AWSStepFunctions.${action}`,
      },
      body: JSON.stringify(input),
    });
    if (status !== 200) throw new Error(`${action}: ${status} ${body}`);
    return JSON.parse(body) as Answer;
  };
