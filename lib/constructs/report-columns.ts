/*
 * The rows of `findings/`, `inventory/`, `compliance/` and `sbom/images/` as Glue types. Names are in lower case, since Hive knows no other; the
 * JSON SerDe finds their fields whatever their case. A test compares them with rows that the program writes.
 */

const struct = (fields: Readonly<Record<string, string>>): string =>
  `struct<${Object.entries(fields)
    .map(([name, type]) => `${name}:${type}`)
    .join(',')}>`;

export type Columns = Readonly<Record<string, string>>;

const CAUSE = struct({
  id: 'string',
  kind: 'string',
  object: struct({ kind: 'string', namespace: 'string', name: 'string', part: 'string' }),
  // Only of causes that several objects share.
  content: 'string',
});

export const FINDING_COLUMNS: Columns = {
  id: 'string',
  check: 'string',
  status: 'string',
  severity: 'string',
  cluster: struct({ name: 'string', arn: 'string', accountid: 'string', region: 'string', uid: 'string' }),
  workload: struct({ namespace: 'string', kind: 'string', name: 'string' }),
  owner: 'string',
  managedby: 'string',
  container: 'string',
  pods: struct({ count: 'bigint', examples: 'array<string>', oldeststartedat: 'string' }),
  // Each check has its own fields: JSON, for json_extract.
  evidence: 'string',
  message: 'string',
  impliedby: 'string',
  cause: CAUSE,
  // Only of findings that another cause keeps.
  remainsby: CAUSE,
  fix: struct({ text: 'string', command: 'string', risk: 'string' }),
  remediation: 'string',
  controls: 'array<string>',
  firstseen: 'string',
  lastseen: 'string',
  exemption: struct({ reason: 'string', owner: 'string', expires: 'string' }),
  origin: struct({ file: 'string', line: 'bigint' }),
  reason: 'string',
};

export const INVENTORY_COLUMNS: Columns = {
  cluster: 'string',
  namespace: 'string',
  pod: 'string',
  uid: 'string',
  workload: struct({ kind: 'string', name: 'string' }),
  node: 'string',
  phase: 'string',
  startedat: 'string',
  terminating: 'boolean',
  images: `array<${struct({ container: 'string', image: 'string', imageid: 'string', startedat: 'string' })}>`,
};

/** Packages of images, as SBOMs list them. */
export const PACKAGE_COLUMNS: Columns = {
  digest: 'string',
  purl: 'string',
  type: 'string',
  namespace: 'string',
  name: 'string',
  version: 'string',
  document: 'string',
};

/** The rows of `compliance.csv` of each run. */
export const COMPLIANCE_COLUMNS: Columns = {
  framework: 'string',
  framework_version: 'string',
  control: 'string',
  source: 'string',
  check: 'string',
  cluster: 'string',
  account: 'string',
  region: 'string',
  // Not known of a cluster that was not read.
  in_scope: 'bigint',
  pass: 'bigint',
  fail: 'bigint',
  exempt: 'bigint',
  not_evaluated: 'bigint',
  result: 'string',
  worst_severity: 'string',
  oldest_open: 'string',
  run: 'string',
  run_time: 'string',
  config_sha256: 'string',
  findings_key: 'string',
  findings_sha256: 'string',
};
