/** A state machine in the Amazon States Language, as far as the fleet's uses it. */
interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Error?: string;
  readonly Choices?: readonly {
    readonly Variable: string;
    readonly BooleanEquals?: boolean;
    readonly IsPresent?: boolean;
    readonly Next: string;
  }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly OutputPath?: string;
  readonly ResultPath?: string | null;
  readonly Catch?: readonly { readonly ResultPath?: string | null; readonly Next: string }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
  readonly ItemReader?: { readonly Parameters: Readonly<Record<string, unknown>> };
  readonly ItemProcessor?: { readonly StartAt: string; readonly States: Readonly<Record<string, State>> };
}

export interface StateMachine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface ExecutionOptions {
  readonly input: unknown;
  /** RFC 3339 */
  readonly startedAt: string;
  /** Of the execution, its own for each. */
  readonly name: string;
  /** Runs a function; what it throws is a failed task. */
  readonly invoke: (functionName: string, event: unknown) => Promise<unknown>;
  readonly readObject: (key: string) => Promise<Uint8Array | null>;
}

export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly error: string | null;
  /** Names of states in their order, without those of items. */
  readonly entered: readonly string[];
}

type Data = Readonly<Record<string, unknown>>;

/**
 * Goes through a state machine (https://states-language.net/spec.html) without a clock: what is repeated is repeated at
 * once. What this does not know is an error, so that no state is passed over.
 */
export async function execute(machine: StateMachine, options: ExecutionOptions): Promise<Execution> {
  const entered: string[] = [];
  let data: unknown = options.input;
  let name = machine.StartAt;
  for (;;) {
    const state = machine.States[name];
    if (state === undefined) throw new Error(`There is no state ${name}.`);
    entered.push(name);
    if (state.Type === 'Succeed') return { status: 'SUCCEEDED', error: null, entered };
    if (state.Type === 'Fail') return { status: 'FAILED', error: state.Error ?? '', entered };
    if (state.Type === 'Choice') {
      name = choose(state, data);
      continue;
    }
    const step = await act(state, data, options);
    if (step === null) return { status: 'FAILED', error: 'States.TaskFailed', entered };
    ({ data, name } = step);
  }
}

/** @returns where it goes on, and with what; `null`: it failed, and nothing catches that */
async function act(
  state: State,
  data: unknown,
  options: ExecutionOptions,
): Promise<{ readonly data: unknown; readonly name: string } | null> {
  try {
    const result = await (state.Type === 'Map'
      ? goThrough(state, data, options)
      : task(state, data, options));
    const whole = state.ResultPath === undefined ? result : withResult(data, state.ResultPath, result);
    const output = state.OutputPath === undefined ? whole : at(whole, state.OutputPath, options);
    return { data: output, name: state.Next ?? '' };
  } catch (error) {
    const [handler] = state.Catch ?? [];
    if (handler === undefined) return null;
    const caught = { Error: 'Error', Cause: String(error) };
    const output = handler.ResultPath === undefined ? caught : withResult(data, handler.ResultPath, caught);
    return { data: output, name: handler.Next };
  }
}

function choose({ Choices = [], Default = '' }: State, data: unknown): string {
  for (const { Variable, BooleanEquals, IsPresent, Next } of Choices) {
    const value = valueAt(data, Variable);
    if (IsPresent !== undefined ? (value !== undefined) === IsPresent : value === BooleanEquals) return Next;
  }
  return Default;
}

/** Each attempt that the policies for any failure allow. */
async function task(state: State, data: unknown, options: ExecutionOptions): Promise<unknown> {
  const { FunctionName, Payload } = resolve(state.Parameters ?? {}, data, options) as Data;
  const retries = (state.Retry ?? [])
    .filter(({ ErrorEquals }) => ErrorEquals.includes('States.TaskFailed'))
    .reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0);
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await options.invoke(String(FunctionName), JSON.parse(JSON.stringify(Payload)));
      return { Payload: JSON.parse(JSON.stringify(answer)) };
    } catch (error) {
      if (attempt === retries) throw error;
    }
  }
}

/** A Distributed Map that tolerates the failure of all its items. */
async function goThrough(state: State, data: unknown, options: ExecutionOptions): Promise<unknown> {
  const { Key } = resolve(state.ItemReader?.Parameters ?? {}, data, options) as Data;
  const bytes = await options.readObject(String(Key));
  if (bytes === null) throw new Error(`There are no items in ${Key}.`);
  const { StartAt = '', States = {} } = state.ItemProcessor ?? {};
  const each = States[StartAt];
  if (each?.End !== true) throw new Error('An item of this map has more than one state.');
  for (const item of JSON.parse(Buffer.from(bytes).toString('utf8')) as readonly unknown[]) {
    await task(each, item, options).catch(() => undefined);
  }
  return {};
}

/** `"a.$": "$.b"` is the value at a path, everything else is itself. */
function resolve(value: unknown, data: unknown, options: ExecutionOptions): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), at(data, String(inner), options)]
        : [key, resolve(inner, data, options)],
    ),
  );
}

function at(data: unknown, path: string, { startedAt, name }: ExecutionOptions): unknown {
  if (path === '$$.Execution.StartTime') return startedAt;
  if (path === '$$.Execution.Name') return name;
  const value = valueAt(data, path);
  if (value === undefined) throw new Error(`There is nothing at ${path}.`);
  return value;
}

function valueAt(data: unknown, path: string): unknown {
  if (path === '$') return data;
  const [, key] = /^\$\.(\w+)$/.exec(path) ?? [];
  if (key === undefined) throw new Error(`This path is not known here: ${path}.`);
  return typeof data === 'object' && data !== null ? (data as Data)[key] : undefined;
}

function withResult(data: unknown, path: string | null, result: unknown): unknown {
  if (path === null) return data;
  const [, key = ''] = /^\$\.(\w+)$/.exec(path) ?? [];
  return { ...(data as Data), [key]: result };
}
