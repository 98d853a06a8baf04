import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** The Node.js of Lambda, whatever runs this. */
export const NODE = join(ROOT, 'node_modules', '.bin', 'node');

export interface SynthesiseOptions {
  /** For the output; its parts get the mode's name. */
  readonly folder: string;
  readonly mode: string;
  /** The configuration file. */
  readonly yaml: string;
}

interface FunctionResource {
  readonly Type: string;
  readonly Properties: { readonly Description: string; readonly Code: { readonly S3Key: string } };
}

/**
 * Runs the app as the CDK's command line does, without credentials, home or region.
 * @returns by description of each function, where its code lies as Lambda lays it out
 */
export async function synthesise({
  folder,
  mode,
  yaml,
}: SynthesiseOptions): Promise<ReadonlyMap<string, string>> {
  // Relative to the folder that the command runs in, as another app names its own file.
  const config = `${mode} config.yaml`;
  writeFileSync(join(folder, config), yaml);
  const out = join(folder, `${mode}.out`);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    CDK_OUTDIR: out,
    CDK_VALIDATION: 'false',
  };
  const context = JSON.stringify({ config });
  await run(NODE, ['--import', import.meta.resolve('tsx'), join(ROOT, 'bin', 'app.ts')], {
    cwd: folder,
    env: { ...env, CDK_CONTEXT_JSON: context },
  });
  const template = JSON.parse(readFileSync(join(out, 'EksDriftAuditor.template.json'), 'utf8'));
  const resources = Object.values<FunctionResource>(template.Resources);
  return new Map(
    resources
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties: { Description, Code } }) => {
        const asset = `asset.${Code.S3Key.replace(/\.zip$/, '')}`;
        const task = join(folder, mode, asset, 'var', 'task');
        cpSync(join(out, asset), task, { recursive: true });
        return [Description, task] as const;
      }),
  );
}
