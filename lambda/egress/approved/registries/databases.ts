import type { PackageRegistry } from './package-registry.ts';

/** Databases and message brokers: their packages and extensions. */
export const DATABASES: readonly PackageRegistry[] = [
  // https://github.com/docker-library/postgres/blob/HEAD/14/trixie/Dockerfile
  // https://github.com/percona/percona-docker/blob/HEAD/postgresql-containers/community/README.md
  // unconfirmed: yum.postgresql.org
  {
    name: 'PostgreSQL',
    domains: ['apt.postgresql.org', 'yum.postgresql.org', 'download.postgresql.org'],
  },
  // https://github.com/docker-library/mysql/blob/HEAD/8.4/Dockerfile.oracle
  // https://github.com/actions/runner-images/blob/HEAD/images/windows/scripts/build/Install-MysqlCli.ps1
  {
    name: 'MySQL',
    domains: ['repo.mysql.com', 'cdn.mysql.com', 'downloads.mysql.com', 'dev.mysql.com'],
  },
  // https://github.com/MariaDB/mariadb-docker/blob/HEAD/README.md
  // https://github.com/mariadb-corporation/mariadb-docs/blob/HEAD/connectors/mariadb-connector-odbc/mariadb-connector-odbc-guide.md
  // https://github.com/mariadb-corporation/mariadb-docs/blob/HEAD/analytics/mariadb-columnstore/management/deployment/install-guide/multinode-s3/README.md
  {
    name: 'MariaDB',
    domains: ['mariadb.org', 'downloads.mariadb.com', 'dlm.mariadb.com'],
  },
  // https://github.com/percona/percona-docker/blob/HEAD/haproxy/Dockerfile
  // https://github.com/percona/percona-docker/blob/HEAD/percona-xtrabackup-2.4/Dockerfile
  {
    name: 'Percona',
    domains: ['repo.percona.com', 'downloads.percona.com'],
  },
  // https://github.com/docker-library/mongo/blob/HEAD/7.0/Dockerfile
  // https://github.com/docker-library/mongo/blob/HEAD/7.0/windows/windowsservercore-ltsc2022/Dockerfile
  // unconfirmed: downloads.mongodb.com
  {
    name: 'MongoDB',
    domains: ['repo.mongodb.org', 'repo.mongodb.com', 'fastdl.mongodb.org', 'downloads.mongodb.com'],
  },
  // https://github.com/redis/docs/blob/HEAD/content/operate/oss_and_stack/install/install-stack/apt.md
  // https://github.com/redis/docs/blob/HEAD/content/operate/oss_and_stack/install/archive/install-redis/install-redis-from-source.md
  {
    name: 'Redis',
    domains: ['packages.redis.io', 'download.redis.io'],
  },
  // https://github.com/ClickHouse/clickhouse-docs/blob/HEAD/docs/getting-started/install/_snippets/_deb_install.md
  { name: 'ClickHouse', domains: ['packages.clickhouse.com'] },
  // https://github.com/duckdb/duckdb-web/blob/HEAD/docs/stable/extensions/installing_extensions.md
  // unconfirmed: install.duckdb.org
  {
    name: 'DuckDB extensions',
    domains: [
      'extensions.duckdb.org',
      'community-extensions.duckdb.org',
      'nightly-extensions.duckdb.org',
      'install.duckdb.org',
    ],
  },
  // https://github.com/influxdata/docs-v2/blob/HEAD/content/influxdb/v2/install/_index.md
  // https://github.com/influxdata/docs-v2/blob/HEAD/docs/exec-plans/2026-07-21-release-notes-version-drift-check.md
  {
    name: 'InfluxData',
    domains: ['repos.influxdata.com', 'dl.influxdata.com'],
  },
  // https://github.com/apache/cassandra-website/blob/HEAD/site-content/source/modules/ROOT/pages/download.adoc
  {
    name: 'Cassandra',
    domains: ['debian.cassandra.apache.org', 'redhat.cassandra.apache.org'],
  },
  // https://github.com/neo4j/docs-operations/blob/HEAD/modules/ROOT/pages/installation/linux/rpm.adoc
  {
    name: 'Neo4j',
    domains: ['debian.neo4j.com', 'yum.neo4j.com', 'dist.neo4j.org'],
  },
  // https://github.com/couchbase/docker/blob/HEAD/README.md
  {
    name: 'Couchbase',
    domains: ['packages.couchbase.com'],
  },
  // https://github.com/cockroachdb/helm-charts/blob/HEAD/build/docker-image/self-signer-cert-utility/Dockerfile
  {
    name: 'CockroachDB',
    domains: ['binaries.cockroachdb.com'],
  },
  // https://github.com/confluentinc/cp-ansible/blob/HEAD/docs/VARIABLES.md
  {
    name: 'Confluent',
    domains: ['packages.confluent.io'],
  },
  // https://github.com/rabbitmq/rabbitmq-website/blob/HEAD/docs/install-debian.md
  // https://github.com/rabbitmq/rabbitmq-website/blob/HEAD/docs/install-rpm.md
  {
    name: 'RabbitMQ',
    domains: ['deb*.rabbitmq.com', 'ppa*.rabbitmq.com', 'yum*.rabbitmq.com'],
  },
];
