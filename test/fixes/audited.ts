import type { Finding, Fix } from '../../lambda/findings/finding.ts';
import { run } from '../cli/run.ts';

export const NOW = '2026-11-21T12:00:00Z';

/** Objects as files hold them; whatever fields a case needs. */
export type Fields = { readonly [key: string]: unknown };

/** What an audit of these objects finds, as `audit -o json` prints it. */
export async function audited(
  objects: readonly Fields[],
  more: readonly string[] = [],
): Promise<readonly Finding[]> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { stdout, stderr } = await run(
    ['audit', '--snapshot', '-', '-o', 'json', '--now', NOW, ...more],
    list,
  );
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { findings: readonly Finding[] }).findings;
}

/** The fix of the one finding of a check. */
export async function fixOf(check: string, objects: readonly Fields[]): Promise<Fix> {
  const found = (await audited(objects)).filter((finding) => finding.check === check);
  const fixes = new Set(found.map(({ fix }) => JSON.stringify(fix)));
  const [only, ...others] = fixes;
  if (only === undefined || others.length > 0) throw new Error(`${fixes.size} fixes of ${check}`);
  return JSON.parse(only) as Fix;
}

export interface PodOf {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly name?: string;
  readonly labels?: Fields;
  readonly annotations?: Fields;
  readonly spec?: Fields;
  readonly startTime?: string;
  readonly namespace?: string;
}

/** A running pod `NAME-0` of a controller; without a kind a bare one. */
export function aPodOf({
  kind,
  apiVersion = 'apps/v1',
  name = 'web',
  labels = {},
  annotations = {},
  spec = {},
  startTime = '2026-11-20T12:00:00Z',
  namespace = 'shop',
}: PodOf): Fields {
  const owner = { apiVersion, kind, name, uid: 'u', controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: kind === undefined ? name : `${name}-0`,
      namespace,
      uid: 'p',
      labels,
      annotations,
      ...(kind === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: { containers: [{ name: 'app', image: 'registry.example.com/app:1' }], ...spec },
    status: { phase: 'Running', startTime },
  };
}

/** A template as a file holds it, before it is applied. */
export const aManifest = (
  kind: string,
  apiVersion: string,
  spec: Fields = {},
  more: Fields = {},
): Fields => ({
  apiVersion,
  kind,
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    ...more,
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: 'registry.example.com/app:1' }], ...spec },
    },
  },
});
