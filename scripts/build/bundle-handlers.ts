import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { BUNDLE, BUNDLE_FILE, HANDLERS } from '../../lib/constructs/handler-bundle.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles each handler as a deployment from a checkout does, into a folder of its name. */
export async function bundleHandlers(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: HANDLERS.map((name) => ({ in: `lambda/handlers/${name}.ts`, out: `${name}/index` })),
    outdir,
    outExtension: { '.js': BUNDLE_FILE.replace('index', '') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: BUNDLE.target,
    mainFields: [...BUNDLE.mainFields],
    minify: BUNDLE.minify,
    sourcemap: BUNDLE.sourceMap,
    sourcesContent: BUNDLE.sourcesContent,
    banner: { js: BUNDLE.banner },
    metafile: true,
  });
  return metafile;
}
