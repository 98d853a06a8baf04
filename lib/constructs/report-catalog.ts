import { Aws } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { explain } from '../reasons.ts';
import {
  COMPLIANCE_COLUMNS,
  type Columns,
  FINDING_COLUMNS,
  INVENTORY_COLUMNS,
  PACKAGE_COLUMNS,
} from './report-columns.ts';
import { REPORT_QUERIES } from './report-queries.ts';

export interface ReportCatalogProps {
  /** Of the database and the workgroup. */
  readonly name: string;
  readonly bucket: IBucket;
  readonly key: IKey;
}

/** A query that would read more is stopped: 100 GB cost half a dollar. */
const MOST_BYTES = 100_000_000_000;

/** From before the first run that writes these rows. */
const DAYS = {
  'projection.day.type': 'date',
  'projection.day.format': 'yyyy-MM-dd',
  'projection.day.range': '2026-01-01,NOW+1DAY',
  'projection.day.interval': '1',
  'projection.day.interval.unit': 'DAYS',
};

/**
 * Tables over the reports, so that questions across clusters and months are one query. There is no crawler to run and nothing
 * to repair. `findings` and `inventory` cover whatever is stored, so that no cluster is forgotten whose account was taken out of
 * the configuration, or is known by its organization alone; `…_of_cluster` read one cluster's days alone, for less.
 */
export class ReportCatalog extends Construct {
  readonly #props: ReportCatalogProps;
  readonly #database: CfnDatabase;

  constructor(scope: Construct, id: string, props: ReportCatalogProps) {
    super(scope, id);
    explain(this, 'Tables over the reports for Athena, with `deployment.athena`.');
    this.#props = props;
    const name = props.name.toLowerCase().replaceAll('-', '_');
    this.#database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name, description: 'Reports of eks-drift-auditor' },
    });
    this.#tables('findings', FINDING_COLUMNS);
    this.#tables('inventory', INVENTORY_COLUMNS);
    const compliance = `s3://${props.bucket.bucketName}/compliance`;
    // An object a run, with the rows of all its clusters: a query that names no day reads all.
    this.#table(
      'compliance',
      { columns: COMPLIANCE_COLUMNS, base: compliance, keys: ['day'] },
      {
        'projection.enabled': 'true',
        ...DAYS,
        'storage.location.template': `${compliance}/date=\${day}/`,
      },
    );
    // One object an image, of whatever run collected it: nothing to divide by.
    this.#table(
      'packages',
      { columns: PACKAGE_COLUMNS, base: `s3://${props.bucket.bucketName}/sbom/images`, keys: [] },
      {},
    );
    const workGroup = this.#workGroup();
    for (const { id: queryId, name: title, description, sql } of REPORT_QUERIES) {
      const query = new CfnNamedQuery(this, queryId, {
        database: name,
        name: title,
        description,
        queryString: sql,
        workGroup: workGroup.name,
      });
      query.addResourceDependency(workGroup);
    }
  }

  #tables(folder: 'findings' | 'inventory', columns: Columns): void {
    const { bucket } = this.#props;
    const base = `s3://${bucket.bucketName}/${folder}`;
    this.#table(folder, { columns, base, keys: [] }, {});
    const keys = ['account', 'region', 'cluster_name', 'day'];
    this.#table(
      `${folder}_of_cluster`,
      { columns, base, keys },
      {
        'projection.enabled': 'true',
        // Named by each query: a list would leave out what is not in it.
        'projection.account.type': 'injected',
        'projection.region.type': 'injected',
        'projection.cluster_name.type': 'injected',
        ...DAYS,
        'storage.location.template': `${base}/account=\${account}/region=\${region}/cluster=\${cluster_name}/date=\${day}/`,
      },
    );
  }

  #table(
    name: string,
    {
      columns,
      base,
      keys,
    }: { readonly columns: Columns; readonly base: string; readonly keys: readonly string[] },
    parameters: Readonly<Record<string, string>>,
  ): void {
    new CfnTable(this, name, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: this.#database.ref,
      tableInput: {
        name,
        tableType: 'EXTERNAL_TABLE',
        parameters: { classification: 'json', ...parameters },
        // May change in place: Terraform's provider tests it on AWS (hashicorp/terraform-provider-aws, catalog_table_test.go,
        // TestAccGlueCatalogTable_Update_addValues and _replaceValues), and none has partitions that would keep the old ones.
        partitionKeys: keys.map((key) => ({ name: key, type: 'string' })),
        storageDescriptor: {
          columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
          location: `${base}/`,
          inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          serdeInfo: { serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
        },
      },
    });
  }

  #workGroup(): CfnWorkGroup {
    const { name, bucket, key } = this.#props;
    return new CfnWorkGroup(this, 'WorkGroup', {
      name,
      description: 'Queries over the reports of eks-drift-auditor',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: MOST_BYTES,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${bucket.bucketName}/athena/`,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn },
        },
      },
    });
  }
}
