import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesise } from '../../support/synthesised-functions.ts';
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

export interface DeployOptions extends Place {
  /** For what `cdk synth` makes. */
  readonly folder: string;
  readonly mode: string;
  /** The configuration file. */
  readonly yaml: string;
}

/** Synthesises the app with a configuration; the functions by their logical ids without hashes. */
export async function deployFunctions({
  folder,
  mode,
  yaml,
  ...place
}: DeployOptions): Promise<ReadonlyMap<string, DeployedFunction>> {
  const tasks = await synthesise({ folder, mode, yaml });
  const file = join(folder, `${mode}.out`, 'EksDriftAuditor.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
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
