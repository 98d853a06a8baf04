import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SynthesiseOptions, synthesise } from '../../support/synthesised-functions.ts';
import { nameOf, type Place, resolver, type Template } from '../iam/resolve-template.ts';

/** A function as Lambda gets it from the template. */
export interface DeployedFunction {
  /** Logical id without its hash. */
  readonly name: string;
  /** Where its asset lies, unpacked, with nothing beside it. */
  readonly task: string;
  readonly handler: string;
  /** MiB */
  readonly memory: number;
  /** Seconds */
  readonly timeout: number;
  readonly environment: Readonly<Record<string, string>>;
}

interface FunctionProperties {
  readonly Description: string;
  readonly Handler: string;
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

/** What `cdk synth` has made of the app. */
export interface Synthesised {
  readonly template: Template;
  /** By description of each function, where its asset lies. */
  readonly tasks: ReadonlyMap<string, string>;
}

/** Synthesises the app with a configuration. @param options its parts get the name of the mode */
export async function synthesiseApp(options: SynthesiseOptions): Promise<Synthesised> {
  const tasks = await synthesise(options);
  const file = join(options.folder, `${options.mode}.out`, 'EksDriftAuditor.template.json');
  return { tasks, template: JSON.parse(readFileSync(file, 'utf8')) as Template };
}

/** Its functions, deployed to a place, by their logical ids without hashes. */
export function deployFunctions(
  { template, tasks }: Synthesised,
  place: Place,
): ReadonlyMap<string, DeployedFunction> {
  const { resolve } = resolver(template, place);
  return new Map(
    Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
      .map(([id, { Properties }]) => {
        const { Description, Handler, MemorySize, Timeout, Environment } =
          Properties as unknown as FunctionProperties;
        const name = nameOf(id);
        const { Variables } = resolve(Environment) as FunctionProperties['Environment'];
        const task = tasks.get(Description) ?? '';
        return [
          name,
          { name, task, handler: Handler, memory: MemorySize, timeout: Timeout, environment: Variables },
        ];
      }),
  );
}
