import { readdirSync, readFileSync } from 'node:fs';
import { NODE } from '../../support/synthesised-functions.ts';
import { freePorts } from '../environment/free-ports.ts';
import { ensureLambdaRuntime } from '../environment/lambda-runtime.ts';
import { type Processes, waitUntilReady } from '../environment/processes.ts';
import type { DeployedFunction } from './deployed-functions.ts';

/** An execution environment of Lambda with one function in it. */
export interface Sandbox {
  /**
   * Delivers an event, as it arrives: a text that is JSON.
   * @returns what the function gives back or fails with, or that it was ended
   */
  invoke(event: string): Promise<Invoked>;
  /** Everything that the function and the emulator have logged. */
  log(): string;
  /** The process of the function; another one after it was ended. `null`: there is none yet. */
  pid(): number | null;
  /** Of that process: the most memory it has ever held, in MiB. */
  peakMemory(): number;
  /** Ends the environment as Lambda does when it takes it away: SIGTERM, and SIGKILL later. */
  terminate(): Promise<void>;
  kill(): Promise<void>;
}

type Outcome =
  | { readonly outcome: 'returned'; readonly result: unknown }
  /** As Lambda hands it to who has invoked the function, and to the state machine. */
  | { readonly outcome: 'failed'; readonly errorType: string; readonly errorMessage: string }
  /** By the emulator, or with it. */
  | { readonly outcome: 'ended'; readonly how: string };

export type Invoked = Outcome & { readonly milliseconds: number };

export interface SandboxOptions {
  readonly processes: Processes;
  /** Of the log; unique. */
  readonly name: string;
  readonly deployed: DeployedFunction;
  /** Credentials, region and endpoints. */
  readonly aws: Readonly<Record<string, string>>;
}

const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

/**
 * Starts the runtime interface emulator with a function. Its process has the variables that Lambda and the template
 * set, those of the test AWS, and nothing else.
 */
export async function startSandbox({ processes, name, deployed, aws }: SandboxOptions): Promise<Sandbox> {
  const { emulator, client } = await ensureLambdaRuntime();
  const [api, runtime] = await freePorts(2);
  const program = processes.start({
    name,
    command: emulator,
    args: [
      ...['--runtime-interface-emulator-address', `127.0.0.1:${api}`],
      ...['--runtime-api-address', `127.0.0.1:${runtime}`],
      ...[NODE, client, deployed.handler],
    ],
    cwd: deployed.task,
    isolated: true,
    env: { ...setByLambda(deployed), ...deployed.environment, ...aws },
  });
  const url = `http://127.0.0.1:${api}`;
  await waitUntilReady(program, async () => (await fetch(url)).status === 404);
  const log = (): string => readFileSync(program.logFile, 'utf8');
  const owned = new Set<number>();
  const pid = (): number | null => {
    const found = program.pid === undefined ? null : childOf(program.pid);
    // It has a process group of its own, which would outlive the emulator's.
    if (found !== null && !owned.has(found)) processes.ownGroup(found);
    if (found !== null) owned.add(found);
    return found;
  };
  return {
    log,
    pid,
    invoke: async (event) => {
      const from = performance.now();
      const answer = fetch(`${url}/2015-03-31/functions/function/invocations`, {
        method: 'POST',
        headers: { 'x-amzn-trace-id': TRACE },
        body: event,
      }).then(
        async (response) => ({ status: response.status, body: await response.text() }),
        (error: unknown) => ({ status: 0, body: String(error) }),
      );
      const watch = setInterval(pid, 100);
      const { status, body } = await answer;
      clearInterval(watch);
      return { ...outcomeOf(status, body), milliseconds: performance.now() - from };
    },
    peakMemory: () => peakOf(pid() ?? 0),
    terminate: () => program.terminate(),
    kill: async () => {
      const left = pid();
      await program.kill();
      if (left !== null) process.kill(-left, 'SIGKILL');
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const setByLambda = ({ name, task, handler, memory, timeout }: DeployedFunction) => ({
  _HANDLER: handler,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/29/[$LATEST]0a1b2c3d',
  AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
  // Nothing listens: what is sent by UDP is lost.
  AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
  LAMBDA_TASK_ROOT: task,
  LANG: 'en_US.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TZ: ':UTC',
  // Read by the emulator alone, which ends the function by it.
  AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeout),
});

/** The emulator answers with status 200 also for errors, and without Lambda's header for them. */
function outcomeOf(status: number, body: string): Outcome {
  if (status !== 200 || body.startsWith('Task timed out')) {
    return { outcome: 'ended', how: body || `status ${status}` };
  }
  const result = JSON.parse(body) as Readonly<Record<string, unknown>> | null;
  const { errorType, errorMessage } = result ?? {};
  return typeof errorType === 'string'
    ? { outcome: 'failed', errorType, errorMessage: String(errorMessage) }
    : { outcome: 'returned', result };
}

/** The process that the emulator has started; https://man7.org/linux/man-pages/man5/proc_pid_task.5.html */
function childOf(pid: number): number | null {
  const [child] = filesIn(`/proc/${pid}/task`)
    .flatMap((thread) => textOf(`/proc/${pid}/task/${thread}/children`).split(' '))
    .filter((one) => one !== '');
  return child === undefined ? null : Number(child);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html: the "high water mark" of the resident set. */
function peakOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`)) ?? [];
  return Number(kibibytes) / 1024;
}

/** Processes may end while they are looked at. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
