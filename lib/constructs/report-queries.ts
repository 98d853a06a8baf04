import { SEVERITIES } from '../../lambda/severity.ts';

/** A question that security teams ask, as SQL for Athena. */
export interface ReportQuery {
  /** Letters and digits: part of the template. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly sql: string;
}

/** Rows of the last run of each cluster: where it is and its run are in the path of the object, the part of a cluster last. */
const latest = (table: string, cluster: string): string =>
  `WITH dated AS (
  SELECT *, regexp_extract("$path", 'account=([^/]+)/', 1) AS account,
         regexp_extract("$path", 'region=([^/]+)/', 1) AS region,
         regexp_extract("$path", 'date=([0-9-]+)/', 1) AS day,
         regexp_extract("$path", '([^/]+?)(-shard-[0-9]+-of-[0-9]+)?[.]ndjson[.]gz$', 1) AS run
  FROM ${table}
), ranked AS (
  SELECT *, max(day || run) OVER (PARTITION BY account, region, ${cluster}) AS last_run FROM dated
), latest AS (
  SELECT * FROM ranked WHERE day || run = last_run
)`;

const FINDINGS = latest('findings', 'cluster.name');
const INVENTORY = latest('inventory', 'cluster');

/** Each container of the last run of each cluster, with the digest of its image. */
const RUNNING = `${INVENTORY}, running AS (
  SELECT account, region, cluster, namespace, workload.kind AS kind, workload.name AS workload, pod,
         unnested_image.image AS image, unnested_image.startedat AS startedat,
         regexp_extract(unnested_image.imageid, 'sha256:[0-9a-f]+') AS digest
  FROM latest CROSS JOIN UNNEST(images) AS unnested (unnested_image)
  WHERE phase NOT IN ('Succeeded', 'Failed')
)`;
const ACTIVE = "status IN ('new', 'open')";
const WORKLOAD =
  'cluster.name AS cluster, workload.namespace AS namespace, workload.kind AS kind, workload.name AS name';

export const REPORT_QUERIES: readonly ReportQuery[] = [
  {
    id: 'OldestWorkloads',
    name: 'Oldest workloads',
    description: 'Pods and containers older than their limit, oldest first, in the last run of each cluster.',
    sql: `${FINDINGS}
SELECT ${WORKLOAD}, container, pods.count AS pods, pods.oldeststartedat AS oldest, message
FROM latest
WHERE "check" IN ('pod-too-old', 'container-too-old') AND ${ACTIVE}
ORDER BY from_iso8601_timestamp(pods.oldeststartedat) ASC NULLS FIRST
LIMIT 200`,
  },
  {
    id: 'WhoReachesARegistry',
    name: 'Who can reach a package registry',
    description: 'Workloads that can fetch packages, those that could also install them first.',
    sql: `${FINDINGS}
SELECT ${WORKLOAD}, bool_or("check" = 'runtime-library-update') AS can_install, max(pods.count) AS pods,
       array_join(array_agg(DISTINCT message), ' ') AS why
FROM latest
WHERE "check" IN ('egress-package-registry', 'runtime-library-update') AND ${ACTIVE}
GROUP BY 1, 2, 3, 4
ORDER BY can_install DESC, pods DESC`,
  },
  {
    id: 'NewSinceLastWeek',
    name: 'New in the last seven days',
    description: 'Findings that were first seen within seven days, worst first.',
    sql: `${FINDINGS}
SELECT ${WORKLOAD}, severity, "check", container, firstseen, message
FROM latest
WHERE ${ACTIVE} AND from_iso8601_timestamp(firstseen) > current_timestamp - INTERVAL '7' DAY
ORDER BY array_position(ARRAY[${SEVERITIES.map((severity) => `'${severity}'`).join(', ')}], severity), firstseen DESC`,
  },
  {
    id: 'WhereIsAnImage',
    name: 'Where an image runs',
    description: 'Pods that run an image, by a part of its name or by its digest: change the text in quotes.',
    sql: `${INVENTORY}
SELECT account, region, cluster, namespace, workload.kind AS kind, workload.name AS name, pod, image.container,
       image.image, image.imageid, image.startedat
FROM latest CROSS JOIN UNNEST(images) AS unnested (image)
WHERE strpos(image.image, 'log4j') > 0 OR strpos(image.imageid, 'sha256:…') > 0
ORDER BY account, region, cluster, namespace, name`,
  },
  {
    id: 'WhereAPackageRuns',
    name: 'Where a package runs',
    description:
      'Workloads whose image contains a package by its SBOM: change the name in quotes. Versions are compared by eks-drift-audit sbom find.',
    sql: `${RUNNING}
SELECT packages.name AS package, packages.version, packages.purl, running.account, running.region, running.cluster,
       running.namespace, running.kind, running.workload, running.image, count(DISTINCT running.pod) AS pods,
       min(running.startedat) AS running_since
FROM running JOIN packages ON packages.digest = running.digest
WHERE packages.name = 'log4j-core'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
ORDER BY package, version, pods DESC`,
  },
  {
    id: 'ImagesWithoutPackages',
    name: 'Running images without an SBOM',
    description:
      'Images of which no package is known, so that they may contain anything. Which SBOMs cannot be searched eks-drift-audit sbom find says.',
    sql: `${RUNNING}
SELECT image, digest, count(DISTINCT pod) AS pods, array_join(array_agg(DISTINCT cluster), ' ') AS clusters
FROM running
WHERE digest IS NULL OR digest NOT IN (SELECT digest FROM packages)
GROUP BY 1, 2
ORDER BY pods DESC`,
  },
  {
    id: 'ExemptionsInForce',
    name: 'Exemptions in force',
    description: 'Accepted findings, by the last day of their exemption.',
    sql: `${FINDINGS}
SELECT exemption.expires AS expires, exemption.owner AS owner, exemption.reason AS reason, "check", ${WORKLOAD}
FROM latest
WHERE status = 'exempt'
ORDER BY 1`,
  },
  {
    id: 'ControlsThatDoNotPass',
    name: 'Controls that do not pass',
    description:
      'Controls with verdicts that fail, are exempt or were not evaluated, in the last run of each cluster: not evaluated is not passed.',
    sql: `WITH ranked AS (
  SELECT *, max(run_time || run) OVER (PARTITION BY account, region, cluster) AS last_run FROM compliance
)
SELECT framework, framework_version, control, "check", account, region, cluster, result, fail, exempt, not_evaluated,
       worst_severity, oldest_open, run
FROM ranked
WHERE run_time || run = last_run AND result NOT IN ('pass', 'not applicable')
ORDER BY framework, control, "check", account, region, cluster`,
  },
  {
    id: 'ControlsOverTime',
    name: 'Controls over time',
    description:
      'For each control and month: the runs, and in how many of them it failed, was not evaluated or only exempt somewhere. For audits of a period.',
    sql: `WITH of_run AS (
  SELECT framework, control, substr(run_time, 1, 7) AS month, run, bool_or(result = 'fail') AS failed,
         bool_or(result = 'not evaluated') AS undecided, bool_or(result = 'exempt only') AS accepted,
         bool_or(result = 'pass') AS passed
  FROM compliance
  GROUP BY 1, 2, 3, 4
)
SELECT framework, control, month, count(*) AS runs, count_if(failed) AS runs_that_fail,
       count_if(undecided) AS runs_not_evaluated, count_if(accepted) AS runs_with_exemptions,
       count_if(passed AND NOT failed AND NOT undecided AND NOT accepted) AS runs_that_pass
FROM of_run
GROUP BY 1, 2, 3
ORDER BY framework, control, month`,
  },
];
