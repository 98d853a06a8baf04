/** The handlers that are deployed: files of `lambda/handlers`, without their ending. */
export const HANDLERS = [
  'scheduled-audit',
  'discover-clusters',
  'audit-cluster',
  'send-digest',
  'watch-last-run',
] as const;
export type Handler = (typeof HANDLERS)[number];

/** Everything in one file, the SDK included: what was tested is what runs, whatever the runtime ships. */
export const BUNDLE = {
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  // Some dependencies are CommonJS and call require at run time.
  banner:
    "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  // Read only for an error, by lambda/handlers/readable-stack.ts.
  sourceMap: true,
  sourcesContent: false,
} as const;

/** Of the bundle, and of the configuration beside it. */
export const BUNDLE_FILE = 'index.mjs';
export const CONFIG_FILE = 'audit.config.yaml';
