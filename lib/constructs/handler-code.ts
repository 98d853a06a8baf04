import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSystem } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, type NodejsFunctionProps, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { BUNDLE, CONFIG_FILE, type Handler } from './handler-bundle.ts';

/** Where the installed package has its handlers, beside this module as `npm run build` writes it; not in a checkout. */
const BUILT = fileURLToPath(new URL('../handlers/', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A handler with the configuration beside it, so that code and configuration change together. The installed package
 * brings its handlers built; from a checkout they are bundled with the esbuild of this project.
 *
 * @param configText the text that was validated, not the file that it came from
 */
export function handlerCode(handler: Handler, configText: string): NodejsFunctionProps {
  if (existsSync(BUILT)) return { code: builtCode(handler, configText) };
  return {
    entry: join(ROOT, 'lambda', 'handlers', `${handler}.ts`),
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    bundling: bundling(configText),
  };
}

function builtCode(handler: Handler, configText: string): Code {
  const folder = FileSystem.mkdtemp('eks-drift-auditor-');
  cpSync(join(BUILT, handler), folder, { recursive: true });
  writeFileSync(join(folder, CONFIG_FILE), configText);
  return Code.fromAsset(folder);
}

const bundling = (configText: string): BundlingOptions => ({
  format: OutputFormat.ESM,
  ...BUNDLE,
  mainFields: [...BUNDLE.mainFields],
  bundleAwsSDK: true,
  externalModules: [],
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: (_: string, outputDir: string) => [
      `cp ${quoted(fileWith(configText))} ${quoted(join(outputDir, CONFIG_FILE))}`,
    ],
  },
});

/**
 * The text in a separate file, since hooks are commands. They run in the root of this package, where a relative
 * path of the app that uses it would name another file.
 */
function fileWith(text: string): string {
  const file = join(FileSystem.mkdtemp('eks-drift-auditor-'), CONFIG_FILE);
  writeFileSync(file, text);
  return file;
}

/** The command is run by a shell. */
const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;
