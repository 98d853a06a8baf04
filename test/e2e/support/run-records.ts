import { gunzipSync } from 'node:zlib';
import type { Finding } from '../../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../../lambda/findings/not-evaluated.ts';
import { compareClusters } from '../../../lambda/findings/order.ts';

export type Objects = ReadonlyMap<string, Buffer>;

/** Rows of all NDJSON objects whose key begins so. */
export function rowsOf<Row = Finding>(objects: Objects, prefix: string): readonly Row[] {
  return [...objects]
    .filter(([key]) => key.startsWith(prefix) && key.endsWith('.ndjson.gz'))
    .flatMap(([, bytes]) => gunzipSync(bytes).toString().trimEnd().split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

export const gapsOf = (objects: Objects, run: string): readonly NotEvaluated[] =>
  [...objects.keys()]
    .filter((key) => new RegExp(`^runs/${run}/(?:clusters/.*/)?not-evaluated`).test(key))
    .flatMap((key) => rowsOf<NotEvaluated>(objects, key))
    .sort((a, b) => compareClusters(a.cluster, b.cluster));

export const jsonOf = (objects: Objects, key: string): Record<string, unknown> =>
  JSON.parse((objects.get(key) ?? Buffer.from('null')).toString());

/** Findings in the state of a cluster, by its ARN. */
export function stateOf(objects: Objects, arn: string): readonly Finding[] {
  const [, , , region, account, cluster = ''] = arn.split(':');
  const name = cluster.replace('cluster/', '');
  const key = `state/account=${account}/region=${region}/cluster=${name}/state.json.gz`;
  const bytes = objects.get(key);
  if (bytes === undefined) throw new Error(`There is no ${key}.`);
  const [, ...rows] = gunzipSync(bytes).toString().trimEnd().split('\n');
  return rows.map((row) => JSON.parse(row) as Finding);
}

/** Keys with the run's id as `RUN`, sorted. */
export const keysOf = (objects: Objects, run: string): readonly string[] =>
  [...objects.keys()].map((key) => key.replaceAll(run, 'RUN')).sort();
